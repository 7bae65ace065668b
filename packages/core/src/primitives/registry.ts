import { condP } from '../control/cond.js'
import { scanP } from '../control/scan.js'
import { whileP } from '../control/while.js'
import type { Primitive } from '../graph/ir.js'
import { opP } from '../transforms/op.js'
import * as arithmetic from './arithmetic.js'
import { constantP } from './constant.js'
import * as contraction from './contraction.js'
import * as elementary from './elementary.js'
import * as indexing from './indexing.js'
import * as linalg from './linalg/index.js'
import * as passing from './passing.js'
import * as random from './random.js'
import * as reductions from './reductions.js'
import * as structural from './structural.js'

// A primitive is exported from its file under a name that ends in P. Reading the exports means that a new row in
// one of these files is known here without a second entry; a new file needs its line below.
const isPrimitive = (x: unknown): x is Primitive =>
  typeof x === 'object' && x !== null && 'kernel' in x && 'jvp' in x && 'name' in x

const rowsOf = (file: object): Primitive[] => Object.values(file).filter(isPrimitive)

const control = { constantP, condP, scanP, whileP, opP }

/** Every primitive, by name. */
export const PRIMITIVES: ReadonlyMap<string, Primitive> = new Map(
  [arithmetic, elementary, structural, passing, reductions, indexing, contraction, linalg, random, control]
    .flatMap(rowsOf)
    .map((row) => [row.name, row]),
)
