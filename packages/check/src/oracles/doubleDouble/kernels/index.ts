import { contraction } from './contraction.js'
import { control } from './control.js'
import { elementwise } from './elementwise.js'
import { factorizations } from './factorizations.js'
import type { Entry } from './kernel.js'
import { reductions } from './reductions.js'
import { spectral } from './spectral.js'
import { structural } from './structural.js'

const table = {
  ...structural,
  ...elementwise,
  ...reductions,
  ...contraction,
  ...factorizations,
  ...spectral,
  ...control,
} as const satisfies Readonly<Record<string, Entry>>

/** The meaning of each primitive in double-double, by its name. A test holds it against the registry. */
export const KERNELS: ReadonlyMap<string, Entry> = new Map(Object.entries(table))
