import { BYTES, DTYPES, type TypedArray } from '../dtype.js'
import { CotangentError, showShape } from '../errors.js'
import { PRIMITIVES } from '../primitives/registry.js'
import { sameShape, sizeOf } from '../shape.js'
import { fromData, type Tensor } from '../tensor.js'
import { evaluate } from '../transforms/evaluate.js'
import { type OpParams, type OpSpec, opP } from '../transforms/op.js'
import type { TreeDef } from '../tree/tree.js'
import type { DType } from '../types/index.js'
import { describeNode } from './encode.js'
import type { Aval, GraphIR, Maybe, Node, Params, Scope, Sym } from './ir.js'
import { opParams } from './nested.js'
import { showAval } from './print.js'
import { formatError, fromBase64 } from './schema.js'

// Reads what `encode` wrote and trusts nothing: every name, index, shape and parameter is checked, and each node's
// shape rule must give the shapes in the file.

type Json = Readonly<Record<string, unknown>>

const record = (x: unknown, where: string): Json =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
    ? (x as Json)
    : formatError(`${where} must be a record.`)

const list = (x: unknown, where: string): readonly unknown[] =>
  Array.isArray(x) ? x : formatError(`${where} must be a list.`)

const text = (x: unknown, where: string): string =>
  typeof x === 'string' ? x : formatError(`${where} must be a string.`)

/** An integer from 0 to below `end`. */
const index = (x: unknown, end: number, where: string): number =>
  typeof x === 'number' && Number.isInteger(x) && x >= 0 && x < end
    ? x
    : formatError(`${where} is ${JSON.stringify(x)}, which is not an index below ${end}.`)

const flags = (x: unknown, length: number, where: string): boolean[] => {
  const all = list(x, where)
  return all.length === length && all.every((b) => typeof b === 'boolean')
    ? (all as boolean[])
    : formatError(`${where} must be a list of ${length} booleans.`)
}

const readAval = (x: unknown, where: string): Aval => {
  const { dtype, shape } = record(x, where)
  if (!DTYPES.includes(dtype as DType))
    formatError(`${where}.dtype is ${JSON.stringify(dtype)}, not a dtype.`)
  const dims = list(shape, `${where}.shape`)
  if (!dims.every((d) => typeof d === 'number' && Number.isInteger(d) && d >= 0))
    formatError(`${where}.shape is ${JSON.stringify(shape)}, not a shape.`)
  return { dtype: dtype as DType, shape: dims as number[] }
}

export const decodeTree = (x: unknown, where: string): TreeDef => {
  if (x === '*') return { kind: 'leaf' }
  if (Array.isArray(x))
    return { kind: 'array', items: x.map((item, i) => decodeTree(item, `${where}[${i}]`)) }
  const { keys, items } = record(x, where)
  const names = list(keys, `${where}.keys`).map((k) => text(k, `${where}.keys`))
  const children = list(items, `${where}.items`)
  if (names.length !== children.length)
    formatError(`${where} has ${names.length} keys for ${children.length} items.`)
  return {
    kind: 'record',
    keys: names,
    items: children.map((item, i) => decodeTree(item, `${where}.${names[i]}`)),
  }
}

const makeArray: Readonly<Record<DType, (buffer: ArrayBuffer) => TypedArray>> = {
  float32: (b) => new Float32Array(b),
  float64: (b) => new Float64Array(b),
  int32: (b) => new Int32Array(b),
  bool: (b) => new Uint8Array(b),
}

const readConstant = (x: unknown, where: string): Tensor => {
  const aval = readAval(x, where)
  const bytes = fromBase64(text(record(x, where).data, `${where}.data`), `${where}.data`)
  const expected = sizeOf(aval.shape) * BYTES[aval.dtype]
  if (bytes.length !== expected)
    formatError(
      `${where} has ${bytes.length} bytes, ${showAval(aval)} needs ${expected}. The file is damaged.`,
    )
  return fromData(makeArray[aval.dtype](bytes.buffer as ArrayBuffer), aval.shape, aval.dtype)
}

// Loaded symbols belong to no trace: the graph is closed.
const loaded: Scope = {
  level: 0,
  closed: true,
  kind: 'Graph.fromJSON',
  force: () => formatError('a symbol of a loaded graph has no value.'),
}
let nextId = -1

interface Rule {
  readonly graph: GraphIR
  readonly active: readonly boolean[]
}

/** Reads graphs that share a table of constants and operations. */
export class Decoder {
  readonly #constants: readonly Tensor[]
  readonly #ops: OpParams[] = []

  constructor(constants: unknown, ops: unknown) {
    this.#constants = list(constants, 'constants').map((c, i) => readConstant(c, `constants[${i}]`))
    // Operations may refer to each other in their rules, so all exist before any graph is read.
    const table = list(ops, 'ops').map((x, i) => record(x, `ops[${i}]`))
    const finish = table.map((x, i) => this.#declare(x, `ops[${i}]`))
    for (const read of finish) read()
    this.#ops.forEach((op, i) => {
      if (this.#contains(op.graph(), i, new Set())) formatError(`ops[${i}] is part of its own meaning.`)
    })
  }

  #declare(json: Json, where: string): () => void {
    const meaning = record(json.meaning, `${where}.meaning`)
    const ins = list(meaning.inputs, `${where}.meaning.inputs`).map((a, i) =>
      readAval(a, `${where}.inputs[${i}]`),
    )
    let graph: GraphIR | undefined
    let jvp: Rule | undefined
    let adjoint: Rule | undefined
    let forward: GraphIR | undefined
    let backward: Rule | undefined
    const outs: Aval[] = []
    const [n, m] = [ins.length, list(meaning.outputs, `${where}.meaning.outputs`).length]
    const linear = json.linear === undefined ? undefined : record(json.linear, `${where}.linear`)
    const from = linear && index(linear.from, n + 1, `${where}.linear.from`)
    const kept =
      json.recompute === undefined
        ? undefined
        : new Set(list(json.recompute, `${where}.recompute`).map((k) => text(k, `${where}.recompute`)))
    const spec: OpSpec = {
      name: text(json.name, `${where}.name`),
      ...(json.key !== undefined && { key: text(json.key, `${where}.key`) }),
      ...(json.opaque === true && { opaque: true }),
      expand: (...xs) => evaluate(graph!, xs),
      ...(json.jvp !== undefined && {
        jvp: (primals, tangents, results) => run(jvp!, [...primals, ...tangents, ...results]),
      }),
      ...(json.reverse !== undefined && {
        reverse: {
          forward: (primals) => {
            const all = evaluate(forward!, primals)
            return { outs: all.slice(0, m), residuals: all.slice(m) }
          },
          backward: (residuals, cts) => run(backward!, [...residuals, ...cts]),
        },
      }),
      ...(from !== undefined && {
        linear: { from, adjoint: (fixed, cts) => run(adjoint!, [...fixed, ...cts]) },
      }),
      ...(kept && { recompute: (node) => kept.has(describeNode(node)) }),
    }
    this.#ops.push({ spec, graph: () => graph!, outs })
    return () => {
      graph = this.body(meaning, `${where}.meaning`)
      outs.push(...graph.outputs.map((s) => ({ shape: s.shape, dtype: s.dtype })))
      if (json.jvp !== undefined) jvp = this.#rule(json.jvp, [...ins, ...ins, ...outs], m, `${where}.jvp`)
      if (linear)
        adjoint = this.#rule(
          linear.adjoint,
          [...ins.slice(0, from), ...outs],
          n - from!,
          `${where}.linear.adjoint`,
        )
      if (json.reverse !== undefined) {
        const reverse = record(json.reverse, `${where}.reverse`)
        forward = this.body(reverse.forward, `${where}.reverse.forward`)
        checkAvals(forward.inputs, ins, `${where}.reverse.forward takes`)
        checkAvals(forward.outputs.slice(0, m), outs, `${where}.reverse.forward gives`)
        const residuals = forward.outputs.slice(m)
        backward = this.#rule(reverse.backward, [...residuals, ...outs], n, `${where}.reverse.backward`)
      }
    }
  }

  #rule(x: unknown, inputs: readonly Aval[], results: number, where: string): Rule {
    const json = record(x, where)
    const graph = this.body(json.body, where)
    const active = flags(json.active, results, `${where}.active`)
    checkAvals(graph.inputs, inputs, `${where} takes`)
    if (active.filter((a) => a).length !== graph.outputs.length)
      formatError(`${where}.active does not fit the ${graph.outputs.length} results.`)
    return { graph, active }
  }

  #contains(graph: GraphIR, op: number, seen: Set<unknown>): boolean {
    return graph.nodes.some((node) => {
      const inner = opParams(node)
      if (!inner) return false
      if (inner.spec === this.#ops[op]!.spec) return true
      if (seen.has(inner.spec)) return false
      seen.add(inner.spec)
      return this.#contains(inner.graph(), op, seen)
    })
  }

  body(x: unknown, where: string): GraphIR {
    const json = record(x, where)
    const syms: Sym[] = []
    const make = (a: unknown, at: string): Sym => {
      const sym = { ...readAval(a, at), id: nextId--, scope: loaded }
      syms.push(sym)
      return sym
    }
    const inputs = list(json.inputs, `${where}.inputs`).map((a, i) => make(a, `${where}.inputs[${i}]`))
    const nodes = list(json.nodes, `${where}.nodes`).map((n, k): Node => {
      const at = `${where}.nodes[${k}]`
      const node = record(n, at)
      const name = text(node.op, `${at}.op`)
      const op =
        PRIMITIVES.get(name) ??
        formatError(
          `${at} applies the primitive '${name}', which this version of Cotangent does not have. ` +
            'Load the graph with the version that wrote it, or trace the function again.',
        )
      const ins = list(node.in, `${at}.in`).map((i) => syms[index(i, syms.length, `${at}.in`)]!)
      const params = this.#params(name, node.params ?? {}, `${at}.params`)
      const outputs = list(node.out, `${at}.out`).map((a, i) => make(a, `${at}.out[${i}]`))
      if (name === 'op') checkAvals(outputs, (params as OpParams).outs, `${at} gives`, true)
      else checkNode(name, () => op.shape(ins, params), outputs, at)
      return {
        op,
        params,
        inputs: ins,
        outputs,
        path: node.path === undefined ? '' : text(node.path, `${at}.path`),
      }
    })
    const outputs = list(json.outputs, `${where}.outputs`).map(
      (i) => syms[index(i, syms.length, `${where}.outputs`)]!,
    )
    return { inputs, nodes, outputs }
  }

  #params(op: string, x: unknown, where: string): Params {
    const json = record(x, where)
    if (op === opP.name) return this.#ops[index(json.def, this.#ops.length, `${where}.def`)]!
    return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, this.#value(v, `${where}.${k}`)]))
  }

  #value(x: unknown, where: string): unknown {
    if (Array.isArray(x)) return x.map((item, i) => this.#value(item, `${where}[${i}]`))
    if (typeof x !== 'object' || x === null) return x
    const json = x as Json
    if ('$number' in json) return Number(text(json.$number, where))
    if ('$undefined' in json) return undefined
    if ('$constant' in json) return this.#constants[index(json.$constant, this.#constants.length, where)]
    if ('$graph' in json) return this.body(json.$graph, where)
    return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, this.#value(v, `${where}.${k}`)]))
  }
}

const run = ({ graph, active }: Rule, xs: readonly Tensor[]): Maybe[] => {
  const results = evaluate(graph, xs)
  let at = 0
  return active.map((yes) => (yes ? results[at++]! : null))
}

const checkAvals = (got: readonly Aval[], want: readonly Aval[], what: string, open = false): void => {
  // An operation that is still being read does not know its results yet; its own check follows.
  if (open && want.length === 0) return
  if (
    got.length !== want.length ||
    got.some((a, i) => a.dtype !== want[i]!.dtype || !sameShape(a.shape, want[i]!.shape))
  )
    formatError(`${what} (${got.map(showAval).join(', ')}), not (${want.map(showAval).join(', ')}).`)
}

/** The shape rule of a primitive may meet any nonsense here; whatever it throws is a fault of the file. */
const checkNode = (
  name: string,
  shape: () => readonly Aval[],
  outputs: readonly Aval[],
  at: string,
): void => {
  let want: readonly Aval[]
  try {
    want = shape()
    for (const a of want) showShape(a.shape)
  } catch (error) {
    const why = error instanceof CotangentError ? error.message : 'its operands or parameters are missing.'
    formatError(`${at} cannot be a ${name}: ${why}`)
    return
  }
  checkAvals(outputs, want, `${at}: ${name} gives`)
}
