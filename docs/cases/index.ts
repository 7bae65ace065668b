import { lasso } from './e01-lasso-path.js'
import { howL1 } from './e02-how-l1.js'
import { ridge } from './e03-ridge.js'
import { squareRoot } from './e04-norm2.js'
import { overfitting, withoutNoise } from './e05-overfitting.js'
import { depth } from './e06-depth.js'
import { recurrent } from './e07-recurrent.js'
import { stopping } from './e08-early-stopping.js'
import { robustness } from './e09-augmentation.js'
import { decay } from './e10-decay.js'
import { normalisation } from './e11-batch-norm.js'
import { structure } from './e12-structure.js'
import { selection } from './e13-selection.js'
import { secondOrder } from './e14-second-order.js'
import type { Case } from './support/case.js'

/** All cases, in order. */
export const cases: readonly Case[] = [
  lasso,
  howL1,
  ridge,
  squareRoot,
  overfitting,
  withoutNoise,
  depth,
  recurrent,
  stopping,
  robustness,
  decay,
  normalisation,
  structure,
  selection,
  secondOrder,
]
