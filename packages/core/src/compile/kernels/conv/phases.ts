import type { ConvParams } from '../../../primitives/contraction.js'
import { range } from '../../../shape.js'

/**
 * One axis of a convolution without zeros between the entries of its input: place p reads, at tap q, the entry
 * p·stride + q·dilation + offset, if there is one.
 */
export interface PhaseAxis {
  /** Entries of the input. */
  readonly size: number
  readonly places: number
  readonly taps: number
  readonly stride: number
  readonly dilation: number
  readonly offset: number
  /** Place p is place firstPlace + p·placeStep of the whole. */
  readonly firstPlace: number
  readonly placeStep: number
  /** Tap q is tap firstTap + q·tapStep of the window. */
  readonly firstTap: number
  readonly tapStep: number
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * Cuts an axis whose input is dilated by d into phases: place p and tap q meet an entry only if
 * p·s + q·w - lo is a multiple of d, so places of one residue class modulo d / gcd(s, d) see the same residue class of taps
 * modulo d / gcd(w, d), and among those the convolution is an ordinary one.
 */
const axisPhases = (
  size: number,
  window: number,
  places: number,
  s: number,
  lo: number,
  d: number,
  w: number,
): PhaseAxis[] => {
  const placeStep = d / gcd(s, d)
  const tapStep = d / gcd(w, d)
  return range(Math.min(placeStep, places)).map((firstPlace) => {
    const at = (tap: number): number => firstPlace * s + tap * w - lo
    const firstTap = range(Math.min(tapStep, window)).find((tap) => at(tap) % d === 0)
    return {
      size,
      places: Math.ceil((places - firstPlace) / placeStep),
      taps: firstTap === undefined ? 0 : Math.ceil((window - firstTap) / tapStep),
      stride: (placeStep * s) / d,
      dilation: (tapStep * w) / d,
      offset: firstTap === undefined ? 0 : at(firstTap) / d,
      firstPlace,
      placeStep,
      firstTap: firstTap ?? 0,
      tapStep,
    }
  })
}

/** All combinations of phases of the axes: convolutions of undilated inputs that together are the whole. */
export const phasesOf = (
  spatial: readonly number[],
  window: readonly number[],
  places: readonly number[],
  { strides, lo, inputDilation, windowDilation }: ConvParams,
): PhaseAxis[][] =>
  spatial
    .map((size, i) =>
      axisPhases(size, window[i]!, places[i]!, strides[i]!, lo[i]!, inputDilation[i]!, windowDilation[i]!),
    )
    .reduce<PhaseAxis[][]>((all, axis) => all.flatMap((list) => axis.map((p) => [...list, p])), [[]])
