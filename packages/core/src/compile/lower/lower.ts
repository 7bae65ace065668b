import type { GraphIR, Node, Sym } from '../../graph/ir.js'
import { sizeOf } from '../../shape.js'
import { sameEverywhere, type Tensor } from '../../tensor.js'
import type { DType, Shape } from '../../types/index.js'
import type { Buffer } from '../buffer.js'
import { KERNELS } from '../kernels/table.js'
import type { LoopReduction, LoopSpec, LoopStore, LoopValue, Reducer } from '../loop/spec.js'
import { prepare } from '../passes/prepare.js'
import type { Step } from '../step.js'
import { hostStep } from '../steps/host.js'
import { kernelStep } from '../steps/kernel.js'
import { loopStep } from '../steps/loop.js'
import { sweep } from '../steps/sweep.js'
import type { Unit } from '../unit.js'
import {
  broadcastView,
  isContiguous,
  permuteView,
  reshapeView,
  reverseView,
  sliceView,
  type View,
  wholeView,
} from '../view.js'
import { fuse, type Group } from './fuse.js'
import { axesOf, isReduction, isViewing } from './nodes.js'

/** Where the elements of a value are: the same number everywhere, or in memory. */
export type Source =
  | { readonly kind: 'uniform'; readonly value: number; readonly dtype: DType; readonly shape: Shape }
  | { readonly kind: 'view'; readonly view: View }

/** A graph as steps over buffers. */
export interface Procedure {
  readonly steps: readonly Step[]
  /** One for each input of the graph; their addresses are in cells. */
  readonly inputs: readonly Buffer[]
  readonly outputs: readonly Buffer[]
}

/** What the outputs of a procedure need to be: rows of an array have no padding. */
export interface LowerOptions {
  readonly padded?: (output: number) => boolean
}

/** Adds the steps of one node; false if it cannot, so that the interpreter computes it. */
export type NodeLowering = (to: Lowering, node: Node) => boolean

/** Turns one graph into steps. */
export class Lowering {
  readonly steps: Step[] = []
  readonly #sources = new Map<Sym, Source>()
  readonly #outputs = new Map<Sym, Buffer>()

  constructor(
    readonly unit: Unit,
    readonly graph: GraphIR,
    /** What to do with primitives that are neither loops nor kernels, by name. */
    readonly lowerings: Readonly<Record<string, NodeLowering>>,
  ) {}

  /** The steps of a graph inside a node of this one. */
  inner(graph: GraphIR, options?: LowerOptions): Procedure {
    return new Lowering(this.unit, prepare(graph), this.lowerings).run(options)
  }

  run({ padded = () => true }: LowerOptions = {}): Procedure {
    const { graph, unit } = this
    const inputs = graph.inputs.map((s) => unit.cellBuffer(s.dtype, sizeOf(s.shape)))
    graph.inputs.forEach((s, i) => {
      this.define(s, wholeView(inputs[i]!, s.shape))
    })
    const outputs = graph.outputs.map((s, i) => unit.cellBuffer(s.dtype, sizeOf(s.shape), padded(i)))
    const made = new Set(
      graph.nodes.flatMap((n) => (isViewing(n) || n.op.name === 'constant' ? [] : n.outputs)),
    )
    graph.outputs.forEach((s, i) => {
      if (made.has(s) && !this.#outputs.has(s)) this.#outputs.set(s, outputs[i]!)
    })

    // Views and constants cost nothing; they are resolved when they are asked for.
    const free = new Map<Sym, Node>()
    for (const node of graph.nodes)
      if (isViewing(node) || node.op.name === 'constant') free.set(node.outputs[0]!, node)
    this.#free = free

    for (const group of fuse(graph)) this.#group(group)
    graph.outputs.forEach((s, i) => {
      if (this.#outputs.get(s) !== outputs[i])
        this.copy(this.sourceOf(s), wholeView(outputs[i]!, s.shape), '')
    })
    const steps = sweep(unit, this.steps)
    unit.note(steps)
    return { steps, inputs, outputs }
  }

  #free: ReadonlyMap<Sym, Node> = new Map()

  define(sym: Sym, view: View): void {
    this.#sources.set(sym, { kind: 'view', view })
  }

  /** A buffer for a new value: that of the result if it is one. */
  place(sym: Sym): View {
    const buffer = this.#outputs.get(sym) ?? this.unit.buffer(sym.dtype, sizeOf(sym.shape))
    const view = wholeView(buffer, sym.shape)
    this.define(sym, view)
    return view
  }

  sourceOf(sym: Sym): Source {
    const known = this.#sources.get(sym)
    if (known) return known
    const node = this.#free.get(sym)
    if (!node) throw new Error(`compile: ${sym.id} has no source`)
    const source = node.op.name === 'constant' ? this.#constant(node) : this.#viewed(node)
    this.#sources.set(sym, source)
    return source
  }

  #constant(node: Node): Source {
    const value = node.params.value as Tensor
    const same = value.size === 0 ? 0 : sameEverywhere(value)
    if (same !== undefined) return { kind: 'uniform', value: same, dtype: value.dtype, shape: value.shape }
    return { kind: 'view', view: wholeView(this.unit.constant(value), value.shape) }
  }

  #viewed(node: Node): Source {
    const source = this.sourceOf(node.inputs[0]!)
    const { shape } = node.outputs[0]!
    if (source.kind === 'uniform') return { ...source, shape }
    const { view } = source
    const p = node.params
    switch (node.op.name) {
      case 'broadcast':
        return { kind: 'view', view: broadcastView(view, shape, p.dims as readonly number[]) }
      case 'permute':
        return { kind: 'view', view: permuteView(view, p.perm as readonly number[]) }
      case 'slice':
        return {
          kind: 'view',
          view: sliceView(view, shape, p.begin as readonly number[], p.strides as readonly number[]),
        }
      case 'reverse':
        return { kind: 'view', view: reverseView(view, p.axes as readonly number[]) }
      case 'reshape':
        return { kind: 'view', view: reshapeView(view, shape) ?? this.#reshaped(view, shape, node.path) }
      default:
        return source
    }
  }

  #reshaped(view: View, shape: Shape, path: string): View {
    return { ...this.copied(view, path), shape, strides: wholeView(view.buffer, shape).strides }
  }

  /** A dense copy of a view. */
  copied(view: View, path: string): View {
    const to = wholeView(this.unit.buffer(view.buffer.dtype, sizeOf(view.shape)), view.shape)
    this.copy({ kind: 'view', view }, to, path)
    return to
  }

  /** Writes a value into a view of the same shape. */
  copy(source: Source, to: View, path: string): void {
    const value: LoopValue =
      source.kind === 'uniform'
        ? { kind: 'uniform', dtype: source.dtype, value: source.value }
        : { kind: 'load', dtype: source.view.buffer.dtype, view: source.view }
    this.steps.push(
      loopStep(
        this.unit,
        { shape: to.shape, values: [value], stores: [{ value: 0, view: to }], reductions: [] },
        source.kind === 'uniform' ? 'fill' : 'copy',
        path,
      ),
    )
  }

  /** A value as a view; a number becomes one element, seen everywhere. */
  viewOf(sym: Sym): View {
    const source = this.sourceOf(sym)
    if (source.kind === 'view') return source.view
    const one = wholeView(this.unit.buffer(source.dtype, 1), [])
    this.copy(source, one, '')
    const view = broadcastView(one, sym.shape, [])
    this.define(sym, view)
    return view
  }

  /** A value whose elements lie side by side. */
  denseOf(sym: Sym, path: string): View {
    const source = this.sourceOf(sym)
    if (source.kind === 'view' && isContiguous(source.view)) return source.view
    const to = wholeView(this.unit.buffer(sym.dtype, sizeOf(sym.shape)), sym.shape)
    this.copy(source, to, path)
    this.define(sym, to)
    return to
  }

  #group({ nodes, shape }: Group): void {
    if (shape) this.#loop(nodes, shape)
    else this.#single(nodes[0]!)
  }

  #single(node: Node): void {
    const lowering = this.lowerings[node.op.name]
    if (lowering?.(this, node)) return
    const inputs = node.inputs.map((s) => this.denseOf(s, node.path))
    const outputs = node.outputs.map((s) => this.place(s))
    const make = node.op.name in KERNELS ? kernelStep : hostStep
    this.steps.push(make(this.unit, node, inputs, outputs))
  }

  #loop(nodes: readonly Node[], shape: Shape): void {
    const values: LoopValue[] = []
    const stores: LoopStore[] = []
    const reductions: LoopReduction[] = []
    const index = new Map<Sym, number>()
    const inside = new Set(nodes)
    const operand = (s: Sym): number => {
      const known = index.get(s)
      if (known !== undefined) return known
      const source = this.sourceOf(s)
      const value: LoopValue =
        source.kind === 'uniform'
          ? { kind: 'uniform', dtype: source.dtype, value: source.value }
          : { kind: 'load', dtype: source.view.buffer.dtype, view: source.view }
      const at = values.push(value) - 1
      index.set(s, at)
      return at
    }
    // All operands first, so that a copy that a view needs comes before this loop.
    for (const node of nodes)
      for (const s of node.inputs) if (!nodes.some((n) => n.outputs[0] === s)) operand(s)
    for (const node of nodes) {
      const [out] = node.outputs
      const args = node.inputs.map(operand)
      if (isReduction(node)) {
        const view = this.place(out!)
        reductions.push({ reducer: node.op.name as Reducer, value: args[0]!, axes: axesOf(node), view })
        continue
      }
      const at =
        values.push({ kind: 'map', dtype: out!.dtype, op: node.op.name, params: node.params, args }) - 1
      index.set(out!, at)
      if (this.#usedOutside(out!, inside)) stores.push({ value: at, view: this.place(out!) })
    }
    const spec: LoopSpec = { shape, values, stores, reductions }
    this.steps.push(loopStep(this.unit, spec, nodes.map((n) => n.op.name).join(' '), nodes[0]!.path))
  }

  #usedOutside(sym: Sym, inside: ReadonlySet<Node>): boolean {
    const users = this.#usersOf(sym)
    return this.graph.outputs.includes(sym) || users.some((n) => !inside.has(n))
  }

  #users: Map<Sym, Node[]> | undefined

  #usersOf(sym: Sym): readonly Node[] {
    if (!this.#users) {
      this.#users = new Map()
      for (const node of this.graph.nodes)
        for (const s of node.inputs) {
          const list = this.#users.get(s)
          if (list) list.push(node)
          else this.#users.set(s, [node])
        }
    }
    return this.#users.get(sym) ?? []
  }
}
