import { random, tree } from '@cotangent/core'
import type { Initialised, Layer } from './layer.js'

const count = (t: unknown): number => tree.leaves(t).reduce((n, leaf) => n + leaf.size, 0)

type Row = readonly [name: string, shape: string, parameters: string]

const rowsOf = (
  name: string,
  kind: string | undefined,
  made: Initialised<unknown, unknown>,
  depth: number,
): Row[] => {
  const label = `${'  '.repeat(depth)}${name}${kind === undefined ? '' : ` (${kind})`}`
  const row: Row = [label, `[${made.outputShape.join(', ')}]`, count(made.params).toLocaleString('en-US')]
  return [row, ...(made.parts ?? []).flatMap((p) => rowsOf(p.name, p.kind, p.init, depth + 1))]
}

/**
 * A table of a model's layers: name and kind, the shape that comes out, and the number of parameters; layers inside
 * others are indented below them, and counted in them.
 *
 * @example
 * const model = sequential({ hidden: dense(4), head: dense(2) })
 * summary(model, [8, 3]).split('\n')[2] // => '  hidden (dense)    [8, 4]                16'
 * summary(model, [8, 3]).split('\n').at(-1) // => 'parameters: 26, state: 0'
 */
export const summary = <P, S>(model: Layer<P, S>, inputShape: readonly number[]): string => {
  const made = model.init(random.key(0), inputShape)
  const head: Row = ['layer', 'output shape', 'parameters']
  const rows = [head, ...rowsOf('model', model.kind, made, 0)]
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]!.length))
  const [names, shapes, numbers] = [width(0), width(1), width(2)]
  const lines = rows.map(
    ([name, shape, n]) => `${name.padEnd(names)}  ${shape.padEnd(shapes)}  ${n.padStart(numbers)}`,
  )
  const totals = `parameters: ${count(made.params).toLocaleString('en-US')}, state: ${count(made.state).toLocaleString('en-US')}`
  return [...lines, totals].join('\n')
}
