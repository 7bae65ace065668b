import { kernels } from './kernels.js'
import { linalg } from './linalg.js'
import { loops } from './loops.js'
import { lowering } from './lowering.js'
import { math } from './math.js'
import type { Mutant, Row } from './mutant.js'
import { nesting } from './nesting.js'
import { products } from './products.js'
import { running } from './running.js'
import { sweeps } from './sweeps.js'
import { threads } from './threads.js'

export type { Mutant } from './mutant.js'

const rows: readonly Row[] = [
  ...lowering,
  ...loops,
  ...running,
  ...nesting,
  ...sweeps,
  ...math,
  ...products,
  ...kernels,
  ...linalg,
  ...threads,
]

/** Bugs for every pass and every family of kernels. */
export const mutants: readonly Mutant[] = rows.map(([part, bug, file, right, wrong]) => ({
  part,
  bug,
  file,
  right,
  wrong,
}))
