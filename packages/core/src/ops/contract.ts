import { dot } from '../primitives/contraction.js'
import * as s from '../primitives/structural.js'
import type { Tensor } from '../tensor.js'

// The one engine behind matmul, tensordot and einsum: tensors whose axes have names. Two operands meet in one `dot`;
// an axis that both have is shared if it is kept and contracted if not, so nothing is ever copied to broadcast it.

/** A tensor with a name for each axis; no name twice. */
export interface Labelled {
  readonly tensor: Tensor
  readonly labels: readonly string[]
}

/** Sums out the axes whose names are not kept. */
const sumOut = ({ tensor, labels }: Labelled, keep: (label: string) => boolean): Labelled => ({
  tensor: s.sum(
    tensor,
    labels.flatMap((l, i) => (keep(l) ? [] : [i])),
  ),
  labels: labels.filter(keep),
})

/** Drops axes of extent 1 that the other operand has longer: it is free along them, which is what broadcasting means. */
const withoutStretched = (x: Labelled, other: Labelled): Labelled => {
  const stretched = (l: string, i: number): boolean =>
    x.tensor.shape[i] === 1 && other.labels.includes(l) && other.tensor.shape[other.labels.indexOf(l)] !== 1
  return {
    tensor: s.dropAxes(
      x.tensor,
      x.labels.flatMap((l, i) => (stretched(l, i) ? [i] : [])),
    ),
    labels: x.labels.filter((l, i) => !stretched(l, i)),
  }
}

/** The product of two operands, summed over the names that are not kept. */
export const contractPair = (x: Labelled, y: Labelled, keep: ReadonlySet<string>): Labelled => {
  const [x1, y1] = [withoutStretched(x, y), withoutStretched(y, x)]
  const a = sumOut(x1, (l) => keep.has(l) || y1.labels.includes(l))
  const b = sumOut(y1, (l) => keep.has(l) || x1.labels.includes(l))
  const both = a.labels.filter((l) => b.labels.includes(l))
  const shared = both.filter((l) => keep.has(l))
  const summed = both.filter((l) => !keep.has(l))
  const axes = (of: Labelled, names: readonly string[]): number[] => names.map((l) => of.labels.indexOf(l))
  return {
    tensor: dot(a.tensor, b.tensor, {
      contract: [axes(a, summed), axes(b, summed)],
      batch: [axes(a, shared), axes(b, shared)],
    }),
    labels: [
      ...shared,
      ...a.labels.filter((l) => !both.includes(l)),
      ...b.labels.filter((l) => !both.includes(l)),
    ],
  }
}

/** The axes in the order of `labels`; other names are summed out. */
export const arrange = (x: Labelled, labels: readonly string[]): Tensor => {
  const kept = sumOut(x, (l) => labels.includes(l))
  return s.permute(
    kept.tensor,
    labels.map((l) => kept.labels.indexOf(l)),
  )
}

const sizeAfter = (labels: readonly string[], sizes: ReadonlyMap<string, number>): number =>
  labels.reduce((n, l) => n * sizes.get(l)!, 1)

/**
 * Contracts any number of operands to `output`, pair by pair. The next pair is the one whose product frees the most
 * memory (output minus inputs), ties by the fewest multiplications: the greedy path of opt_einsum (Smith and Gray 2018).
 */
export const contractAll = (operands: readonly Labelled[], output: readonly string[]): Tensor => {
  const sizes = new Map<string, number>()
  for (const { tensor, labels } of operands)
    labels.forEach((l, i) => {
      sizes.set(l, Math.max(sizes.get(l) ?? 1, tensor.shape[i]!))
      // An extent of 0 is not stretched by another operand's 1.
      if (tensor.shape[i] === 0) sizes.set(l, 0)
    })
  const pool = [...operands]
  while (pool.length > 1) {
    let best = { i: 0, j: 1, freed: Number.POSITIVE_INFINITY, work: Number.POSITIVE_INFINITY }
    for (let i = 0; i < pool.length; i++)
      for (let j = i + 1; j < pool.length; j++) {
        const all = [...new Set([...pool[i]!.labels, ...pool[j]!.labels])]
        const needed = neededBy(pool, i, j, output)
        const work = sizeAfter(all, sizes)
        const freed =
          sizeAfter(
            all.filter((l) => needed.has(l)),
            sizes,
          ) -
          sizeAfter(pool[i]!.labels, sizes) -
          sizeAfter(pool[j]!.labels, sizes)
        if (freed < best.freed || (freed === best.freed && work < best.work)) best = { i, j, freed, work }
      }
    const { i, j } = best
    const pair = contractPair(pool[i]!, pool[j]!, neededBy(pool, i, j, output))
    pool.splice(j, 1)
    pool.splice(i, 1)
    pool.push(pair)
  }
  return arrange(pool[0]!, output)
}

const neededBy = (
  pool: readonly Labelled[],
  i: number,
  j: number,
  output: readonly string[],
): ReadonlySet<string> =>
  new Set([...output, ...pool.flatMap((x, k) => (k === i || k === j ? [] : x.labels))])
