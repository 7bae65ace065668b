import { CotangentError, type PerAxis, type Tensor, trace, zeros } from '@cotangent/core'

/** One number for each spatial axis. */
export const spread = (op: string, name: string, value: PerAxis, dims: number): readonly number[] => {
  const list = typeof value === 'number' ? new Array<number>(dims).fill(value) : value
  if (list.length !== dims || !list.every((k) => Number.isInteger(k) && k > 0))
    throw new CotangentError(
      'Value',
      `${op}: ${name} ${JSON.stringify(value)}. Give a positive integer, or one for each of ${dims} spatial axes.`,
      { op },
    )
  return list
}

/** The shape that a function makes of shapes, from tracing it: nothing is computed. */
export const shapeAfter = (
  f: (...xs: readonly Tensor[]) => Tensor,
  ...shapes: readonly (readonly number[])[]
): readonly number[] =>
  trace(
    (xs: readonly Tensor[]) => f(...xs),
    shapes.map((shape) => zeros(shape) as Tensor),
  ).outputs[0]!.shape
