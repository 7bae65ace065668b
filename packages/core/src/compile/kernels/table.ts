import { gatherKernel } from './gather/gather.js'
import { scatterKernel } from './gather/scatter.js'
import type { KernelTable } from './kernel.js'
import { foldInKernel, randomBitsKernel, randomSplitKernel } from './random/kernels.js'

/** Kernels that are neither element-wise, nor reductions, nor contractions, by the name of their primitive. */
export const KERNELS: KernelTable = {
  gather: gatherKernel,
  scatterAdd: scatterKernel,
  randomBits: randomBitsKernel,
  randomSplit: randomSplitKernel,
  foldIn: foldInKernel,
}
