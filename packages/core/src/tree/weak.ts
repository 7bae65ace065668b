import { Tensor } from '../tensor.js'

/** For each leaf of a tree, in order: the JavaScript number it is, or undefined for tensors and booleans. */
export const numberLeaves = (tree: unknown): (number | undefined)[] => {
  if (typeof tree === 'number') return [tree]
  if (tree instanceof Tensor || typeof tree !== 'object' || tree === null) return [undefined]
  return Object.values(tree).flatMap(numberLeaves)
}
