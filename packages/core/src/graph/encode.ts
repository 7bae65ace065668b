import { fail } from '../errors.js'
import { dataOf, symOf, Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import type { OpParams, OpSpec } from '../transforms/op.js'
import type { TreeDef } from '../tree/tree.js'
import type { Aval, GraphIR, Maybe, Node, Sym } from './ir.js'
import { isGraph, opParams } from './nested.js'
import { showAval } from './print.js'
import type { AvalJSON, BodyJSON, ConstantJSON, NodeJSON, OpJSON, RuleJSON, TreeJSON } from './schema.js'
import { toBase64 } from './schema.js'

// Rules that lead to new rules without end (a family f_n whose derivative is f_{n+1}) are written down to this depth;
// below it, derivatives come from the meaning.
const DEEPEST = 8

const aval = (a: Aval): AvalJSON => ({ dtype: a.dtype, shape: [...a.shape] })
const avalsKey = (avals: readonly Aval[]): string => avals.map(showAval).join(' ')

const refuse = (what: string): never => fail('Format', `Graph.toJSON: ${what}`, { op: 'Graph.toJSON' })

/** What a checkpoint policy can tell nodes apart by. */
export const describeNode = (node: Node): string =>
  JSON.stringify([node.op.name, node.path, node.op.name === 'tag' ? node.params.name : null])

export const encodeTree = (def: TreeDef): TreeJSON =>
  def.kind === 'leaf'
    ? '*'
    : def.kind === 'array'
      ? def.items.map(encodeTree)
      : { keys: def.keys, items: def.items.map(encodeTree) }

interface Entry {
  readonly name: string
  readonly key: string | undefined
  readonly meaning: string
  json: OpJSON | undefined
}

/** Writes graphs with a common table of constants and operations. */
export class Encoder {
  readonly constants: ConstantJSON[] = []
  readonly #constantAt = new Map<Tensor, number>()
  readonly #constantBy = new Map<string, number>()
  readonly #entries: Entry[] = []
  readonly #bySpec = new Map<OpSpec, Map<string, number>>()
  #depth = 0

  get ops(): OpJSON[] {
    return this.#entries.map((e) => e.json!)
  }

  body(graph: GraphIR): BodyJSON {
    const ids = new Map<Sym, number>()
    const name = (s: Sym): void => {
      ids.set(s, ids.size)
    }
    graph.inputs.forEach(name)
    const nodes = graph.nodes.map((node): NodeJSON => {
      const inputs = node.inputs.map((s) => ids.get(s)!)
      const params = this.#params(node)
      node.outputs.forEach(name)
      return {
        op: node.op.name,
        in: inputs,
        out: node.outputs.map(aval),
        ...(Object.keys(params).length > 0 && { params }),
        ...(node.path !== '' && { path: node.path }),
      }
    })
    return { inputs: graph.inputs.map(aval), nodes, outputs: graph.outputs.map((s) => ids.get(s)!) }
  }

  #params(node: Node): Record<string, unknown> {
    const op = opParams(node)
    if (op) return { def: this.#op(op, node) }
    return Object.fromEntries(
      Object.entries(node.params).map(([k, v]) => [k, this.#value(v, `${node.op.name}.${k}`)]),
    )
  }

  #value(x: unknown, where: string): unknown {
    if (typeof x === 'number')
      return Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? '-0' : String(x) }
    if (x === null || typeof x === 'string' || typeof x === 'boolean') return x
    if (x === undefined) return { $undefined: true }
    if (x instanceof Tensor) return { $constant: this.#constant(x, where) }
    if (isGraph(x)) return { $graph: this.body(x) }
    if (Array.isArray(x)) return x.map((item, i) => this.#value(item, `${where}[${i}]`))
    if (typeof x === 'object')
      return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, this.#value(v, `${where}.${k}`)]))
    return refuse(`the parameter ${where} is a ${typeof x}, which cannot be written.`)
  }

  #constant(t: Tensor, where: string): number {
    const old = this.#constantAt.get(t)
    if (old !== undefined) return old
    if (symOf(t) !== undefined)
      return refuse(`${where} is a symbol of another trace. Pass it to the traced function as an argument.`)
    const data = dataOf(t)
    const json = { ...aval(t), data: toBase64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) }
    // Equal constants are one: meanings traced twice must have equal texts.
    const text = JSON.stringify(json)
    const at = this.#constantBy.get(text) ?? this.constants.push(json) - 1
    this.#constantBy.set(text, at)
    this.#constantAt.set(t, at)
    return at
  }

  // A rule may apply the operation itself (d softmax is written with softmax), and most operations make a new record
  // of rules at each call. So an operation is known by its record, else by name, key and meaning; while its own rules
  // are being written, by name and meaning.
  #op({ spec, graph }: OpParams, node: Node): number {
    const at = avalsKey(node.inputs)
    const known = this.#bySpec.get(spec)?.get(at)
    if (known !== undefined) return known
    const meaning = graph()
    if (meaning.inputs.length !== node.inputs.length)
      return refuse(`${spec.name} uses a value from outside of its rules. Pass it as an operand.`)
    const body = this.body(meaning)
    const text = JSON.stringify(body)
    const same = this.#entries.findIndex(
      (e) =>
        e.name === spec.name &&
        e.key === spec.key &&
        e.meaning === text &&
        (e.json === undefined || spec.key !== undefined),
    )
    const id = same >= 0 ? same : this.#entries.length
    const table = this.#bySpec.get(spec) ?? new Map<string, number>()
    this.#bySpec.set(spec, table.set(at, id))
    if (same >= 0) return id
    const entry: Entry = { name: spec.name, key: spec.key, meaning: text, json: undefined }
    this.#entries.push(entry)
    this.#depth++
    entry.json = {
      name: spec.name,
      ...(spec.key !== undefined && { key: spec.key }),
      ...(spec.opaque && { opaque: true }),
      meaning: body,
      ...(this.#depth <= DEEPEST && this.#rules(spec, meaning)),
      ...(spec.recompute && {
        recompute: [...new Set(meaning.nodes.filter(spec.recompute).map(describeNode))],
      }),
    }
    this.#depth--
    return id
  }

  #rules({ name, jvp, reverse, linear }: OpSpec, meaning: GraphIR): Partial<OpJSON> {
    const [ins, outs] = [meaning.inputs, meaning.outputs]
    const [n, m] = [ins.length, outs.length]
    return {
      ...(jvp && {
        jvp: this.#rule(`the jvp of ${name}`, [...ins, ...ins, ...outs], (xs) =>
          jvp(xs.slice(0, n), xs.slice(n, 2 * n), xs.slice(2 * n)),
        ),
      }),
      ...(reverse && { reverse: this.#reverse(name, reverse, ins, outs) }),
      ...(linear && {
        linear: {
          from: linear.from,
          adjoint: this.#rule(`the adjoint of ${name}`, [...ins.slice(0, linear.from), ...outs], (xs) =>
            linear.adjoint(xs.slice(0, xs.length - m), xs.slice(xs.length - m)),
          ),
        },
      }),
    }
  }

  #reverse(
    name: string,
    { forward, backward }: NonNullable<OpSpec['reverse']>,
    ins: readonly Aval[],
    outs: readonly Aval[],
  ): NonNullable<OpJSON['reverse']> {
    const graph = traced(`the forward rule of ${name}`, ins, (xs) => {
      const r = forward(xs)
      return [...r.outs, ...r.residuals]
    })
    const residuals = graph.outputs.slice(outs.length)
    return {
      forward: this.body(graph),
      backward: this.#rule(`the backward rule of ${name}`, [...residuals, ...outs], (xs) =>
        backward(xs.slice(0, residuals.length), xs.slice(residuals.length)),
      ),
    }
  }

  #rule(name: string, avals: readonly Aval[], rule: (xs: readonly Tensor[]) => readonly Maybe[]): RuleJSON {
    let active: boolean[] = []
    const graph = traced(name, avals, (xs) => {
      const results = rule(xs)
      active = results.map((t) => t !== null)
      return results.filter((t) => t !== null)
    })
    return { body: this.body(graph), active }
  }
}

const traced = (
  name: string,
  avals: readonly Aval[],
  rule: (xs: readonly Tensor[]) => readonly Tensor[],
): GraphIR => {
  const { graph, captured } = build(name, avals.map(aval), (...xs) => rule(xs))
  return captured.length === 0
    ? graph
    : refuse(`${name} uses a value from outside. Pass it to the operation as an operand.`)
}
