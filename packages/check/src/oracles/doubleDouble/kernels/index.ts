import { contractionOver } from '../../words/contraction.js'
import { control } from '../../words/control.js'
import { factorizationsOver } from '../../words/factorizations.js'
import type { Entry } from '../../words/kernel.js'
import { structural } from '../../words/structural.js'
import { sumsOver } from '../../words/sums.js'
import { arithmetic } from '../words.js'
import { convert } from './convert.js'
import { elementwise } from './elementwise.js'
import { reductions } from './reductions.js'
import { spectral } from './spectral.js'

const table = {
  ...structural,
  convert,
  ...elementwise,
  ...reductions,
  ...sumsOver(arithmetic),
  ...contractionOver(arithmetic),
  ...factorizationsOver(arithmetic),
  ...spectral,
  ...control,
} as const satisfies Readonly<Record<string, Entry>>

/** The meaning of each primitive in double-double, by its name. A test holds it against the registry. */
export const KERNELS: ReadonlyMap<string, Entry> = new Map(Object.entries(table))
