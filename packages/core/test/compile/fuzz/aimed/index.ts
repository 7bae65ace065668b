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
import { products } from './products.js'
import { softmax } from './softmax.js'
import { sorts } from './sorts.js'
import { updates } from './updates.js'
import { views } from './views.js'

/** Programs for parts of the compiler that random programs seldom reach, and how often each comes. */
const aims: readonly (readonly [number, Aim])[] = [
  [2, columns],
  [3, convolutions],
  [2, faults],
  [0.5, fma],
  [4, functions],
  [1.5, keeping],
  [2, matrices],
  [2, products],
  [1, softmax],
  [1.2, sorts],
  [1.5, updates],
  [2, views],
]

export const aimedProgram = (random: Random): Program => {
  for (;;)
    try {
      return random.weighted(aims)(random)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
    }
}
