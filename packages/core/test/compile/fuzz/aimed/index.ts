import { TooLarge } from '../maker.js'
import type { Program } from '../program.js'
import type { Random } from '../random.js'
import type { Aim } from './aim.js'
import { columns } from './columns.js'
import { convolutions } from './convolutions.js'
import { faults } from './faults.js'
import { fma } from './fma.js'
import { functions } from './functions.js'
import { keeping } from './keeping.js'
import { matrices } from './matrices.js'
import { mixed } from './mixed.js'
import { nesting } from './nesting.js'
import { products } from './products.js'
import { sharing } from './sharing.js'
import { softmax } from './softmax.js'
import { sorts } from './sorts.js'
import { sweeps } from './sweeps.js'
import { updates } from './updates.js'
import { views } from './views.js'

const aims = {
  columns,
  convolutions,
  faults,
  fma,
  functions,
  keeping,
  matrices,
  mixed,
  nesting,
  products,
  sharing,
  softmax,
  sorts,
  sweeps,
  updates,
  views,
} as const satisfies Readonly<Record<string, Aim>>

/** A part of the compiler that random programs seldom reach. */
export type Family = keyof typeof aims

const often: readonly (readonly [number, Family])[] = [
  [2, 'columns'],
  [3.5, 'convolutions'],
  [2, 'faults'],
  [0.7, 'fma'],
  [4.5, 'functions'],
  [1.5, 'keeping'],
  [2.5, 'matrices'],
  [1.5, 'mixed'],
  [2.5, 'nesting'],
  [2.5, 'products'],
  [1, 'sharing'],
  [1, 'softmax'],
  [1.2, 'sorts'],
  [3, 'sweeps'],
  [1.5, 'updates'],
  [2, 'views'],
]

export const aimedFamily = (random: Random): Family => random.weighted(often)

export const aimedProgram = (family: Family, random: Random): Program => {
  for (;;)
    try {
      return aims[family](random)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
    }
}
