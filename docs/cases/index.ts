import { lasso } from './e01-lasso-path.js'
import { howL1 } from './e02-how-l1.js'
import { ridge } from './e03-ridge.js'
import { squareRoot } from './e04-norm2.js'
import { overfitting, withoutNoise } from './e05-overfitting.js'
import { selection } from './e13-selection.js'
import type { Case } from './support/case.js'

/** All cases, in order. */
export const cases: readonly Case[] = [lasso, howL1, ridge, squareRoot, overfitting, withoutNoise, selection]
