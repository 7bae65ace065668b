import { ModuleBuilder } from './module.js'
import { f32x4, v128 } from './vector.js'

const memory = { initial: 1, maximum: 1, shared: false }

const validates = (m: ModuleBuilder): boolean =>
  typeof WebAssembly === 'object' && WebAssembly.validate(m.encode())

const once = (test: () => boolean): (() => boolean) => {
  let known: boolean | undefined
  return () => {
    known ??= test()
    return known
  }
}

/** Does the engine have 128-bit vectors? */
export const hasSimd: () => boolean = once(() => {
  const m = new ModuleBuilder(memory)
  m.function('f', { a: 'i32' }, [], (f, { a }) => f.storeVector(a, f32x4.add(v128.load(a), v128.load(a))))
  return validates(m)
})

/** Does it have fused (or at least relaxed) multiply-add? Node 22 and current browsers do. */
export const hasRelaxedMadd: () => boolean = once(() => {
  const m = new ModuleBuilder(memory)
  m.function('f', { a: 'i32' }, [], (f, { a }) =>
    f.storeVector(a, f32x4.relaxedMadd(v128.load(a), v128.load(a), v128.load(a))),
  )
  return validates(m)
})

/** Can memory be shared between threads here? */
export const hasSharedMemory: () => boolean = once(() => {
  if (typeof SharedArrayBuffer !== 'function') return false
  try {
    return (
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
    )
  } catch {
    return false
  }
})
