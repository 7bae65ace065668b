import { ELEMENTWISE } from './elementwise.js'
import type { Mutation } from './mutation.js'
import { BATCH, STRUCTURAL } from './structural.js'

export type { Mutation } from './mutation.js'

/** Rules that are wrong in one way each. */
export const MUTATIONS: readonly Mutation[] = [...ELEMENTWISE, ...STRUCTURAL, ...BATCH]
