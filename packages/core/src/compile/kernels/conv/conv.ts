import { type ConvParams, convP } from '../../../primitives/contraction.js'
import { sizeOf } from '../../../shape.js'
import type { Library } from '../../library.js'
import { dotJob } from '../gemm/dot.js'
import { ELEMENTS, type Scalar } from '../gemm/element.js'
import { type Job, jobOf, type Kernel } from '../gemm/job.js'
import type { BatchAxis } from '../gemm/layout.js'
import { type Facts, partOf } from './parts.js'
import { type PhaseAxis, phasesOf } from './phases.js'
import { patchKernel, phaseKernel } from './product.js'
import { singleKernel } from './single.js'

/** A convolution of x [group, image, ...spatial, in] with w [group, ...window, in, out], both contiguous. */
export interface ConvSpec {
  readonly dtype: Scalar
  readonly x: readonly number[]
  readonly w: readonly number[]
  readonly params: ConvParams
}

/** Is the convolution a plain product: one tap that reads each entry in order, or a window as large as the input? */
const isPlain = (axes: readonly PhaseAxis[]): boolean =>
  axes.every(({ taps, stride, offset, size, places }) =>
    taps === 1 ? offset === 0 && (stride === 1 || places === 1) && places === size : false,
  ) ||
  axes.every(
    ({ places, taps, size, offset, dilation }) =>
      places === 1 && taps === size && offset === 0 && dilation === 1,
  )

/**
 * Chooses kernels for a `conv` by its static sizes; the rows of C are (group, image, ...place), its columns the filters.
 * `a` is x, `b` is w.
 * - where the window reads each entry once in order: a plain product,
 * - `patches`: block by block, the patches of some rows are written to scratch and multiplied with the packed window
 *   (im2col that never leaves the cache); taps in chunks, so that windows may be as large as the input, as in gradients
 *   with respect to the window,
 * - `lines`, `dots`: one filter (depthwise, and its gradients), read in place: vectors of places, or scalar products,
 * - `phases`: the zeros of a dilated input (gradients of strided convolutions) are never multiplied; each residue class of
 *   places is a convolution of its own with its share of the taps.
 *
 * Rounding does not depend on how rows are divided; each entry is summed in blocks as `rows` of the matrix product says. Padding is
 * multiplied as zeros: an infinite or NaN weight makes NaN at the border, where the interpreter skips the padding.
 */
export const convJob = (lib: Library, { dtype, x, w, params }: ConvSpec): Job => {
  const e = ELEMENTS[dtype]
  const out = convP.shape(
    [
      { shape: x, dtype },
      { shape: w, dtype },
    ],
    params,
  )[0]!.shape
  const [groups, images, channels, filters] = [x[0]!, x[1]!, x.at(-1)!, w.at(-1)!]
  const [spatial, window, places] = [x.slice(2, -1), w.slice(1, -2), out.slice(2, -1)]
  const batch: BatchAxis[] =
    groups === 1 ? [] : [{ size: groups, strideA: sizeOf(x.slice(1)), strideB: sizeOf(w.slice(1)) }]
  const m = images * sizeOf(places)
  const phases = phasesOf(spatial, window, places, params)
  const whole = phases.length === 1 ? phases[0]! : null

  // A single place of a dilated input may see only some of the taps.
  const allTaps = whole?.every(({ taps }, i) => taps === window[i]) ?? false

  if (whole && allTaps && isPlain(whole)) {
    const k = sizeOf(whole.map((a) => a.taps)) * channels
    const layout = { m, n: filters, k, rowA: k, columnA: 1, rowB: filters, columnB: 1, batch }
    return dotJob(lib, { dtype, layout: { ...layout, copyA: null, copyB: null } })
  }
  const rowsShape = { m, n: filters, batch }
  if (sizeOf(out) === 0) return jobOf(e, rowsShape, nothing)
  const facts: Facts = { lib, e, images, channels, filters, window, places }
  const single = singleKernel(facts, phases)
  if (single) return jobOf(e, rowsShape, single)
  const parts = phases.map((axes) => partOf(facts, axes))
  return jobOf(e, rowsShape, whole ? patchKernel(facts, parts[0]!) : phaseKernel(facts, parts))
}

const nothing: Kernel = { variant: 'nothing', pack: null, scratch: 0, grain: 1, product: () => {} }
