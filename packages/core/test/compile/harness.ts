import { Library, type Target } from '../../src/compile/library.js'
import { ModuleBuilder } from '../../src/compile/wasm/index.js'

/** A module made by `write`, instantiated on its own memory, with the exported functions and views of the memory. */
export const assemble = (
  write: (library: Library) => void,
  { relaxed = false, pages = 64 }: Partial<Target> & { readonly pages?: number } = {},
) => {
  const m = new ModuleBuilder({ initial: pages, maximum: pages, shared: false })
  write(new Library(m, { relaxed }))
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(m.encode()), { env: { memory } })
  return {
    call: instance.exports as Record<string, (...args: number[]) => number>,
    f32: new Float32Array(memory.buffer),
    f64: new Float64Array(memory.buffer),
    i32: new Int32Array(memory.buffer),
    u8: new Uint8Array(memory.buffer),
  }
}
