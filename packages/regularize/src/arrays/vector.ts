import { wasm } from '@cotangent/core/internal'
import type { Kernels } from './kernels.js'
import { products } from './wasm/products.js'
import { axpy, combine, dot, dots } from './wasm/sums.js'
import { sweep } from './wasm/sweep.js'
import { backward, forward } from './wasm/triangular.js'

const build = (memory: wasm.MemoryImport): Uint8Array<ArrayBuffer> => {
  const m = new wasm.ModuleBuilder(memory)
  const [one, several] = [dot(m), combine(m)]
  dots(m)
  products(m)
  sweep(m, several)
  forward(m, one)
  backward(m, axpy(m))
  return m.encode()
}

type Raw = Readonly<Record<keyof Kernels, (...args: number[]) => number>>

let compiled: WebAssembly.Module | undefined

/** In WebAssembly, on arrays in the given memory. */
export const vectorKernels = (memory: WebAssembly.Memory, type: wasm.MemoryImport): Kernels => {
  compiled ??= new WebAssembly.Module(build(type))
  const raw = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Raw
  return {
    dot: (x, at, y, from, n) => raw.dot(x.byteOffset + 8 * at, y.byteOffset + 8 * from, n),
    axpy: (k, x, at, y, to, n) => {
      raw.axpy(k, x.byteOffset + 8 * at, y.byteOffset + 8 * to, n)
    },
    combine: (factors, x, offsets, count, y, n) => {
      raw.combine(factors.byteOffset, x.byteOffset, offsets.byteOffset, count, y.byteOffset, n)
    },
    dots: (x, n, columns, count, r, from, scale, out, to) => {
      raw.dots(
        x.byteOffset,
        n,
        columns.byteOffset,
        count,
        r.byteOffset + 8 * from,
        scale,
        out.byteOffset + 8 * to,
      )
    },
    products: (x, n, columns, from, count, values, stride) => {
      for (let i = from; i < count; i++) values.fill(0, i * stride, i * stride + Math.min(i + 2, stride))
      raw.products(x.byteOffset, n, columns.byteOffset, from, count, values.byteOffset, stride)
    },
    sweep: (list, count, size, w, c, a, b, G, stride, positive, factors, offsets) =>
      raw.sweep(
        list.byteOffset,
        count,
        size,
        w.byteOffset,
        c.byteOffset,
        a.byteOffset,
        b.byteOffset,
        G.byteOffset,
        stride,
        positive ? 1 : 0,
        factors.byteOffset,
        offsets.byteOffset,
      ),
    forward: (rows, stride, size, b, at) => {
      raw.forward(rows.byteOffset, stride, size, b.byteOffset + 8 * at)
    },
    backward: (rows, stride, size, b, at) => {
      raw.backward(rows.byteOffset, stride, size, b.byteOffset + 8 * at)
    },
  }
}
