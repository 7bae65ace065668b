import { type FunctionBuilder, type I32, i32, type Local } from '../../wasm/index.js'

/** The coordinates of a running index in a box of static sizes, last axis fastest. */
export interface Odometer {
  readonly at: readonly Local<'i32'>[]
  readonly set: (index: I32) => void
  /** The next index; behind the last one the first axis runs on. */
  readonly next: () => void
}

export const odometer = (f: FunctionBuilder, sizes: readonly number[]): Odometer => {
  const at = sizes.map(() => f.local('i32'))
  const turn = (axis: number): void => {
    f.increase(at[axis]!, 1)
    if (axis === 0) return
    f.if(i32.eq(at[axis]!, sizes[axis]!), () => {
      f.set(at[axis]!, i32.const(0))
      turn(axis - 1)
    })
  }
  return {
    at,
    set: (index) => {
      let rest: I32 = index
      for (let axis = sizes.length - 1; axis >= 0; axis--) {
        if (axis === 0 || sizes[axis] === 0) f.set(at[axis]!, rest)
        else {
          const all = f.let(rest)
          f.set(at[axis]!, i32.remU(all, sizes[axis]!))
          rest = i32.divU(all, sizes[axis]!)
        }
      }
    },
    next: () => {
      if (sizes.length > 0) turn(sizes.length - 1)
    },
  }
}
