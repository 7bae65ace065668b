import { CotangentError, reshape, type Tensor, take, tensor, transpose, where } from '@cotangent/core'

/**
 * How the entries of a tensor fall into groups: lists of positions in the flattened tensor, each entry in one list; or the
 * axes along which entries belong together; or the last axis kept (`perUnitOut`: the weights into one unit or filter), or
 * the one before it (`perUnitIn`: the weights out of one input).
 */
export type Groups =
  | readonly (readonly number[])[]
  | { readonly axis: number | readonly number[] }
  | 'perUnitOut'
  | 'perUnitIn'

/** What a functional of groups is told besides its strength. */
export interface GroupOptions {
  readonly groups: Groups
  /** The weights ω of the groups: `size` is the root of the number of entries, `none` is 1. */
  readonly weights?: 'size' | 'none' | readonly number[]
}

/** The groups of a tensor of one shape, as the rows of a matrix; short ones are filled up. */
export interface Layout {
  /** [groups, largest size]. Filled with 0, or with an entry of the group. */
  rows(x: Tensor, fill?: 'zero' | 'own'): Tensor
  /** The inverse. */
  back(rows: Tensor): Tensor
  readonly sizes: readonly number[]
}

const refuse = (name: string, text: string): never => {
  throw new CotangentError('Value', `${name}: ${text}`, { op: name })
}

const positions = (
  name: string,
  groups: readonly (readonly number[])[],
  shape: readonly number[],
): Layout => {
  const n = shape.reduce((a, b) => a * b, 1)
  const width = Math.max(...groups.map((g) => g.length))
  const home = new Array<number>(n).fill(-1)
  groups.forEach((group, g) => {
    if (group.length === 0) refuse(name, `group ${g} is empty. Leave it out.`)
    group.forEach((i, k) => {
      if (!Number.isInteger(i) || i < 0 || i >= n)
        refuse(
          name,
          `group ${g} names entry ${i} of a tensor of ${n} entries [${shape}]. Use positions from 0 to ${n - 1}.`,
        )
      if (home[i] !== -1) refuse(name, `entry ${i} is in two groups. Put each entry in one.`)
      home[i] = g * width + k
    })
  })
  const lost = home.indexOf(-1)
  if (lost >= 0)
    refuse(name, `entry ${lost} is in no group. Put each entry in one; a group of weight 0 is free.`)
  const matrix = groups.map((g) => Array.from({ length: width }, (_, k) => g[k] ?? g[0]!))
  const index = tensor(matrix, { dtype: 'int32' })
  const own = tensor(
    groups.map((g) => Array.from({ length: width }, (_, k) => (k < g.length ? 1 : 0))),
    { dtype: 'bool' },
  )
  const way = tensor(home, { dtype: 'int32' })
  const full = groups.every((g) => g.length === width)
  return {
    rows: (x, fill = 'zero') => {
      const taken = take(x, index)
      return full || fill === 'own' ? taken : where(own, taken, 0)
    },
    back: (rows) => reshape(take(rows, way), shape),
    sizes: groups.map((g) => g.length),
  }
}

const alongAxes = (name: string, axis: number | readonly number[], shape: readonly number[]): Layout => {
  const rank = shape.length
  const axes = (typeof axis === 'number' ? [axis] : axis).map((a) => {
    if (!Number.isInteger(a) || a < -rank || a >= rank)
      refuse(name, `axis ${a} of a tensor of rank ${rank} [${shape}]. Use axes from ${-rank} to ${rank - 1}.`)
    return a < 0 ? a + rank : a
  })
  if (new Set(axes).size !== axes.length) refuse(name, `axes [${axes}] name one twice.`)
  const others = shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const perm = [...others, ...axes]
  const moved = perm.map((i) => shape[i]!)
  const width = axes.reduce((n, i) => n * shape[i]!, 1)
  const count = others.reduce((n, i) => n * shape[i]!, 1)
  const inverse = shape.map((_, i) => perm.indexOf(i))
  return {
    rows: (x) => reshape(transpose(x, perm), [count, width]),
    back: (rows) => transpose(reshape(rows, moved), inverse),
    sizes: new Array<number>(count).fill(width),
  }
}

/** The layout of a tensor; refuses groups that do not fit it. */
export const layout = (name: string, groups: Groups, shape: readonly number[]): Layout => {
  if (typeof groups !== 'string')
    return 'axis' in groups
      ? alongAxes(name, groups.axis, shape)
      : positions(name, groups as readonly (readonly number[])[], shape)
  const kept = shape.length - (groups === 'perUnitOut' ? 1 : 2)
  if (kept < 0)
    refuse(name, `groups '${groups}' need a matrix, and this is a tensor of rank ${shape.length} [${shape}].`)
  return alongAxes(
    name,
    shape.map((_, i) => i).filter((i) => i !== kept),
    shape,
  )
}

/** The weights of groups as a column [groups, 1] of the dtype of x. */
export const weightsOf = (
  name: string,
  weights: 'size' | 'none' | readonly number[],
  { sizes }: Layout,
  x: Tensor,
): Tensor => {
  const list = weights === 'size' ? sizes.map(Math.sqrt) : weights === 'none' ? sizes.map(() => 1) : weights
  if (list.length !== sizes.length)
    refuse(name, `${list.length} weights for ${sizes.length} groups. Give one for each.`)
  for (const w of list) if (!(w >= 0)) refuse(name, `a weight is ${w}. Give numbers that are not negative.`)
  return tensor(
    list.map((w) => [w]),
    { dtype: x.dtype },
  )
}
