import { argmaxKernel, argminKernel } from './arg/arg.js'
import { cumsumKernel } from './cumulative/cumsum.js'
import { gatherKernel } from './gather/gather.js'
import { scatterKernel } from './gather/scatter.js'
import type { KernelTable } from './kernel.js'
import { choleskyKernel } from './linalg/cholesky.js'
import { eighKernel } from './linalg/eigh.js'
import { luKernel } from './linalg/lu.js'
import { qrKernel } from './linalg/qr.js'
import { svdKernel } from './linalg/svd.js'
import { triangularSolveKernel } from './linalg/triangular.js'
import { foldInKernel, randomBitsKernel, randomSplitKernel } from './random/kernels.js'
import { dynamicSliceKernel, dynamicUpdateKernel } from './slice/slices.js'
import { sortKernel } from './sort/sort.js'

/** Kernels that are neither element-wise, nor reductions, nor contractions, by the name of their primitive. */
export const KERNELS: KernelTable = {
  argmax: argmaxKernel,
  argmin: argminKernel,
  cholesky: choleskyKernel,
  cumsum: cumsumKernel,
  dynamicSlice: dynamicSliceKernel,
  dynamicUpdate: dynamicUpdateKernel,
  eigh: eighKernel,
  foldIn: foldInKernel,
  gather: gatherKernel,
  lu: luKernel,
  qr: qrKernel,
  randomBits: randomBitsKernel,
  randomSplit: randomSplitKernel,
  scatterAdd: scatterKernel,
  sort: sortKernel,
  svd: svdKernel,
  triangularSolve: triangularSolveKernel,
}
