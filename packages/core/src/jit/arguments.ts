import { fail, showShape } from '../errors.js'
import { commonDType } from '../ops/coerce.js'
import { filled, type Tensor } from '../tensor.js'
import { flatten, pathsOf, type TreeDef } from '../tree/tree.js'
import { numberLeaves } from '../tree/weak.js'
import type { DType } from '../types/index.js'
import type { Positions } from './options.js'

/** A traced argument, flat. */
export interface Argument {
  readonly index: number
  readonly def: TreeDef
  readonly leaves: readonly Tensor[]
}

/**
 * The dtype of a number among the tensors it is passed with: the rule of weak scalars, with the narrowest float, so
 * that it never widens a result.
 */
const partnerDType = (tensors: readonly Tensor[], value: number): DType => {
  const has = (d: DType): boolean => tensors.some((t) => t.dtype === d)
  return has('float32') ? 'float32' : has('float64') ? 'float64' : commonDType([...tensors, value])
}

/** Flattens the arguments that are not static. */
export const flattenArguments = (args: readonly unknown[], { fixed }: Positions): Argument[] => {
  const flats = args.flatMap((arg, index) =>
    fixed.has(index) ? [] : [{ index, ...flatten(arg, 'jit'), numbers: numberLeaves(arg) }],
  )
  const tensors = flats.flatMap((x) => x.leaves.filter((_, i) => x.numbers[i] === undefined))
  return flats.map(({ index, def, leaves, numbers }) => ({
    index,
    def,
    leaves: leaves.map((leaf, i) => {
      const value = numbers[i]
      return value === undefined ? leaf : filled(value, [], partnerDType(tensors, value))
    }),
  }))
}

/** The donated leaves; refuses one that the call passes a second time. */
export const donatedLeaves = (args: readonly Argument[], { donate }: Positions): Tensor[] => {
  if (donate.size === 0) return []
  const places = new Map<Tensor, string>()
  const donated: Tensor[] = []
  for (const arg of [...args].sort((a, b) => Number(donate.has(b.index)) - Number(donate.has(a.index)))) {
    const paths = pathsOf(arg.def)
    arg.leaves.forEach((t, i) => {
      const place = `argument ${arg.index}${paths[i] ? ` at ${paths[i]}` : ''}`
      const first = places.get(t)
      if (first !== undefined)
        fail(
          'Donated',
          `jit: the tensor of shape ${showShape(t.shape)} donated as ${first} is also passed as ${place}. ` +
            'Pass a copy in one of the two places, or drop `donate`.',
          { op: 'jit', shapes: [t.shape], path: paths[i] ?? '' },
        )
      if (!donate.has(arg.index)) return
      places.set(t, place)
      donated.push(t)
    })
  }
  return donated
}
