import type { Buffer } from '../buffer.js'
import type { Library } from '../library.js'
import type { Procedure } from '../lower/lower.js'
import { planArena } from '../plan.js'
import type { Step } from '../step.js'
import type { Unit } from '../unit.js'
import { callValue, type FunctionBuilder, type FunctionRef, type I32, i32 } from '../wasm/index.js'

/** A procedure whose temporary buffers have places. */
export interface PlannedProcedure extends Procedure {
  /** Bytes of the arena that it uses while it runs. */
  readonly arena: number
  /** Where each step's scratch memory begins, from the beginning of the procedure's part of the arena. */
  readonly scratch: ReadonlyMap<Step, number>
}

export const planProcedure = (procedure: Procedure): PlannedProcedure => ({
  ...procedure,
  ...planArena(procedure),
})

/** Nanoseconds that a procedure takes, guessed. */
export const workOf = ({ steps }: Procedure): number => steps.reduce((sum, { work }) => sum + work, 0)

/** May it end the program with an error? */
export const mayFail = ({ steps }: Procedure): boolean => steps.some(({ fails }) => fails)

let counter = 0

/**
 * The function () -> status of a procedure whose part of the arena begins at `base`. A status other than 0 is the
 * number of a fault.
 */
export const emitProcedure = (
  lib: Library,
  unit: Unit,
  procedure: PlannedProcedure,
  base: number,
  options: {
    readonly name?: string
    readonly export?: boolean
    /** Tells the host `-1 - i` behind step i. */
    readonly measured?: boolean
  } = {},
): FunctionRef => {
  const addressOf = (_: FunctionBuilder, { place }: Buffer): I32 => {
    switch (place.kind) {
      case 'arena':
        return i32.add(unit.arena, base + place.offset)
      case 'cell':
        return i32.load(i32.const(unit.cellAddress(place.cell)))
      case 'fixed':
        return i32.const(place.address)
    }
  }
  return lib.module.function(
    options.name ?? `procedure${counter++}`,
    {},
    ['i32'],
    (f) => {
      const leaveWith = (status: I32): void => f.return(status)
      for (const [i, step] of procedure.steps.entries()) {
        const at = base + (procedure.scratch.get(step) ?? 0)
        step.emit({
          f,
          lib,
          addressOf,
          base: at,
          scratch: i32.add(unit.arena, at),
          leaveWith,
        })
        if (options.measured) f.call(lib.host, [i32.const(-1 - i)])
      }
      f.result(i32.const(0))
    },
    { export: options.export ?? false },
  )
}

/** Calls a procedure from another one and hands its fault on. */
export const callProcedure = (
  f: FunctionBuilder,
  ref: FunctionRef,
  leaveWith: (status: I32) => void,
): void => {
  const status = f.let(callValue(ref, 'i32', []))
  f.if(status, () => leaveWith(status))
}
