import { fail } from '../errors.js'

/** Options of `jit`. Arguments count from 0. */
export interface JitOptions {
  /** Arguments given away with the call: their storage may be reused, and using them afterwards is an error. */
  readonly donate?: number | readonly number[]
  /** Arguments that are not traced: anything at all; the function is traced again for each new value. */
  readonly staticArgs?: number | readonly number[]
  /**
   * With true, results are the same on every engine: multiplication and addition are never fused. Off by default, since
   * fusing is faster and more accurate.
   */
  readonly deterministic?: boolean
  /**
   * How many threads may work on a call, the calling one included; results do not depend on it. By default in Node as
   * many as there are processors (8 at most), used only where the work is worth it; in browsers 1.
   */
  readonly threads?: number
  /** `'interpreter'` runs the plain reference kernels instead of compiled code: slow, for comparison. */
  readonly backend?: 'auto' | 'interpreter'
}

/** Checked options. */
export interface Positions {
  readonly donate: ReadonlySet<number>
  readonly fixed: ReadonlySet<number>
  readonly deterministic: boolean
  readonly backend: 'auto' | 'interpreter'
  readonly threads: number | undefined
}

const positions = (name: string, given: number | readonly number[]): ReadonlySet<number> => {
  const list = typeof given === 'number' ? [given] : given
  for (const n of list)
    if (!Number.isInteger(n) || n < 0)
      fail('Value', `jit: ${name} names argument ${String(n)}. Arguments count from 0.`, { op: 'jit' })
  return new Set(list)
}

export const readOptions = ({
  donate = [],
  staticArgs = [],
  deterministic = false,
  backend = 'auto',
  threads,
}: JitOptions): Positions => {
  if (backend !== 'auto' && backend !== 'interpreter')
    fail('Value', `jit: unknown backend '${String(backend)}'. Use 'auto' or 'interpreter'.`, { op: 'jit' })
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
    fail('Value', `jit: threads must be a whole number of at least 1, not ${String(threads)}.`, { op: 'jit' })
  const options = {
    donate: positions('donate', donate),
    fixed: positions('staticArgs', staticArgs),
    deterministic,
    backend,
    threads,
  }
  for (const n of options.donate)
    if (options.fixed.has(n))
      fail(
        'Value',
        `jit: argument ${n} is both static and donated. Only tensors can be donated; drop one of the two.`,
        {
          op: 'jit',
        },
      )
  return options
}

/** Refuses positions beyond the arguments of a call. */
export const checkPositions = ({ donate, fixed }: Positions, count: number): void => {
  for (const [name, set] of [
    ['donate', donate],
    ['staticArgs', fixed],
  ] as const)
    for (const n of set)
      if (n >= count)
        fail(
          'Value',
          `jit: ${name} names argument ${n}, but the function was called with ${count}. Arguments count from 0.`,
          { op: 'jit' },
        )
}
