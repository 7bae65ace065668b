import type { GraphIR } from '../../graph/ir.js'
import { prune } from '../../optimise/prune.js'
import { swapTransposed } from './swap.js'
import { unfold } from './unfold.js'

/** The last passes before a graph becomes steps. */
export const prepare = (graph: GraphIR): GraphIR => prune(swapTransposed(unfold(graph)))
