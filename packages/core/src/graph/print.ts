import { showShape } from '../errors.js'
import { dataOf, symOf, Tensor } from '../tensor.js'
import type { Aval, GraphIR, Node, Sym } from './ir.js'
import { isGraph, nestedGraphs, nodeName, opParams } from './nested.js'

const FEW = 8 // elements of a constant that are written out

/** `float32[2, 3]`. */
export const showAval = (aval: Aval): string => `${aval.dtype}${showShape(aval.shape)}`

/** a, b, ..., z, a1, b1, ... */
const inputName = (i: number): string =>
  `%${String.fromCharCode(97 + (i % 26))}${i < 26 ? '' : Math.floor(i / 26)}`

/** Names by position, so equal graphs have equal texts. */
export const nameSymbols = (graph: GraphIR): ((sym: Sym) => string) => {
  const names = new Map<Sym, string>()
  graph.inputs.forEach((s, i) => {
    names.set(s, inputName(i))
  })
  let next = 0
  for (const node of graph.nodes) for (const s of node.outputs) names.set(s, `%${next++}`)
  return (sym) => names.get(sym) ?? '%?'
}

const showValue = (value: unknown): string => {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`
  if (value instanceof Tensor) {
    if (symOf(value) !== undefined) return '<traced>'
    const data = value.size <= FEW ? [...dataOf(value)].map(showValue) : [`${value.size} values`]
    return value.rank === 0 ? data[0]! : `[${data.join(', ')}]`
  }
  if (typeof value === 'function') return '<function>'
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([k, v]) => `${k}: ${showValue(v)}`)
      .join(', ')}}`
  return String(value)
}

const hasGraph = (value: unknown): boolean => isGraph(value) || (Array.isArray(value) && value.some(hasGraph))

/** `{axes: [0]}`, without the graphs; empty when there is nothing to say. */
export const showParams = (node: Node): string => {
  const op = opParams(node)
  const spec = op?.spec
  const entries = spec
    ? [
        ...(spec.key === undefined ? [] : [`key: '${spec.key}'`]),
        ...(['jvp', 'reverse', 'linear', 'recompute', 'opaque'] as const).filter((k) => spec[k]),
      ]
    : Object.entries(node.params)
        .filter(([, v]) => !hasGraph(v))
        .map(([k, v]) => `${k}: ${showValue(v)}`)
  return entries.length === 0 ? '' : `{${entries.join(', ')}}`
}

const lines = (graph: GraphIR, indent: string): string[] => {
  const name = nameSymbols(graph)
  const body = graph.nodes.flatMap((node) => {
    const outs = node.outputs.map((s) => `${name(s)}: ${showAval(s)}`).join(', ')
    const call = [nodeName(node), ...node.inputs.map(name)].join(' ')
    const params = showParams(node)
    const head = `${outs}${outs ? ' ' : ''}= ${call}${params && `  ${params}`}${node.path && `  # ${node.path}`}`
    const inner = nestedGraphs(node).flatMap((n) => [
      `${indent}  ${n.name}${signature(n.graph)}:`,
      ...lines(n.graph, `${indent}    `),
    ])
    return [`${indent}${head}`, ...inner]
  })
  return [...body, `${indent}return${graph.outputs.map((s) => ` ${name(s)}`).join('')}`]
}

const signature = (graph: GraphIR): string => {
  const name = nameSymbols(graph)
  return `(${graph.inputs.map((s) => `${name(s)}: ${showAval(s)}`).join(', ')})`
}

/** The graph as text, a line for each node, graphs inside of nodes indented. */
export const printGraph = (graph: GraphIR): string =>
  [`graph${signature(graph)}:`, ...lines(graph, '  ')].join('\n')
