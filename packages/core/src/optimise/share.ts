import type { GraphIR, Node, Sym } from '../graph/ir.js'
import { isGraph, opParams } from '../graph/nested.js'
import { showAval } from '../graph/print.js'
import { dataOf, symOf, Tensor, uniformOf } from '../tensor.js'
import { rewrite } from './rewrite.js'

const SMALL = 256 // constants up to this size are compared by their elements, larger ones by identity

const ids = new WeakMap<object, number>()
let nextId = 0

const identity = (x: object): string => {
  const old = ids.get(x)
  if (old !== undefined) return `@${old}`
  ids.set(x, nextId)
  return `@${nextId++}`
}

// String(-0) is '0', and 0 and -0 are not the same constant.
const numberKey = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** A text that is equal for parameters that mean the same. */
export const valueKey = (x: unknown): string => {
  if (typeof x === 'number') return numberKey(x)
  if (typeof x === 'string') return JSON.stringify(x)
  if (x instanceof Tensor && uniformOf(x) !== undefined) return `${showAval(x)}(=${numberKey(uniformOf(x)!)})`
  if (x instanceof Tensor)
    return x.size <= SMALL && symOf(x) === undefined
      ? `${showAval(x)}(${Array.from(dataOf(x), numberKey).join()})`
      : identity(x)
  if (isGraph(x)) return graphKey(x)
  if (Array.isArray(x)) return `[${x.map(valueKey).join()}]`
  if (typeof x === 'object' && x !== null)
    return `{${Object.entries(x)
      .map(([k, v]) => `${JSON.stringify(k)}:${valueKey(v)}`)
      .join()}}`
  return typeof x === 'function' ? identity(x) : String(x)
}

const graphKey = (graph: GraphIR): string => {
  const names = new Map<Sym, string>()
  const name = (s: Sym): string => names.get(s) ?? '?'
  const add = (s: Sym): string => {
    names.set(s, String(names.size))
    return showAval(s)
  }
  const inputs = graph.inputs.map(add).join()
  const nodes = graph.nodes.map((n) => `${nodeKey(n, name)}>${n.outputs.map(add).join()}`)
  return `(${inputs};${nodes.join(';')};${graph.outputs.map(name).join()})`
}

/** A text that is equal for nodes that compute the same; operations are known by name and key, else by identity. */
const nodeKey = (node: Node, name: (s: Sym) => string): string => {
  const op = opParams(node)
  const params = op
    ? op.spec.key === undefined || op.spec.opaque
      ? identity(op.spec.opaque ? node : op.spec)
      : valueKey([op.spec.name, op.spec.key])
    : valueKey(node.params)
  return `${node.op.name}${params}${node.inputs.map(name).join()}`
}

/**
 * Common sub-expressions are computed once. Random bits are a function of their key, so they share too. What is
 * computed again to save memory must not be: opaque operations are left alone.
 */
export const share = (graph: GraphIR): GraphIR => {
  const seen = new Map<string, Node>()
  const names = new Map<Sym, string>()
  const name = (s: Sym): string => {
    const old = names.get(s)
    if (old !== undefined) return old
    const made = `%${names.size}`
    names.set(s, made)
    return made
  }
  return rewrite(graph, (node, r) => {
    const spec = opParams(node)?.spec
    if (spec?.opaque || spec?.recompute) return r.keep(node)
    const key = nodeKey(node, name)
    const first = seen.get(key)
    if (first)
      node.outputs.forEach((s, i) => {
        r.replace(s, first.outputs[i]!)
      })
    else {
      seen.set(key, node)
      r.keep(node)
    }
  })
}
