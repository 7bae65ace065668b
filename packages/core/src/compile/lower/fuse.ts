import type { GraphIR, Node, Sym } from '../../graph/ir.js'
import { sameShape } from '../../shape.js'
import type { Shape } from '../../types/index.js'
import { axesOf, isMap, isReduction, isViewing } from './nodes.js'

const LARGEST = 96 // nodes in one loop: beyond that registers run out and compiling takes long

/** Nodes computed together: element-wise work and reductions in one loop nest, or one node of any other kind. */
export interface Group {
  /** In order of evaluation. */
  readonly nodes: readonly Node[]
  /** The index space of the loop nest; undefined for a node that is a kernel of its own. */
  readonly shape: Shape | undefined
}

interface Draft {
  readonly members: number[]
  readonly shape: Shape | undefined
  /** The axes that its reductions are over, if it has any. */
  axes: readonly number[] | undefined
  first: number
  last: number
  /** Groups that use its results; true where some use needs the whole result. */
  readonly users: Map<Draft, boolean>
  readonly sources: Set<Draft>
  into: Draft | undefined
}

const find = (d: Draft): Draft => {
  let at = d
  while (at.into) at = at.into
  return at
}

/**
 * Is there a way from `from` to `to` through other groups? Then they cannot be one. What is used lies behind in the
 * order of the nodes, so groups that begin behind the end of `to` need not be looked at.
 */
const detour = (from: Draft, to: Draft): boolean => {
  const seen = new Set<Draft>([from])
  const todo: Draft[] = [...from.users.keys()].filter((d) => d !== to)
  while (todo.length > 0) {
    const at = todo.pop()!
    if (at === to) return true
    if (seen.has(at) || at.first > to.last) continue
    seen.add(at)
    todo.push(...at.users.keys())
  }
  return false
}

const sameAxes = (a: Draft, b: Draft): boolean =>
  a.axes === undefined || b.axes === undefined || sameShape(a.axes, b.axes)

const merge = (a: Draft, b: Draft): void => {
  b.into = a
  a.members.push(...b.members)
  a.axes ??= b.axes
  a.first = Math.min(a.first, b.first)
  a.last = Math.max(a.last, b.last)
  a.users.delete(b)
  for (const [user, hard] of b.users) {
    a.users.set(user, hard || (a.users.get(user) ?? false))
    user.sources.delete(b)
    user.sources.add(a)
  }
  for (const source of b.sources) {
    if (source === a) continue
    const hard = source.users.get(b)!
    source.users.delete(b)
    source.users.set(a, hard || (source.users.get(a) ?? false))
    a.sources.add(source)
  }
}

/**
 * Puts element-wise nodes and reductions that walk the same index space into common groups, as far as no group then
 * depends on itself; views are looked through. Groups come in an order in which they can be evaluated.
 */
export const fuse = (graph: GraphIR): Group[] => {
  const nodes = graph.nodes
  const maker = new Map<Sym, number>()
  const base = new Map<Sym, Sym>()
  const drafts: (Draft | undefined)[] = []
  const baseOf = (s: Sym): Sym => base.get(s) ?? s

  nodes.forEach((node, i) => {
    if (isViewing(node)) {
      base.set(node.outputs[0]!, baseOf(node.inputs[0]!))
      drafts.push(undefined)
      return
    }
    for (const s of node.outputs) maker.set(s, i)
    if (node.op.name === 'constant') {
      drafts.push(undefined)
      return
    }
    const reduction = isReduction(node)
    const shape = reduction ? node.inputs[0]!.shape : isMap(node) ? node.outputs[0]!.shape : undefined
    const draft: Draft = {
      members: [i],
      shape,
      axes: reduction ? axesOf(node) : undefined,
      first: i,
      last: i,
      users: new Map(),
      sources: new Set(),
      into: undefined,
    }
    drafts.push(draft)
    for (const s of node.inputs) {
      const at = maker.get(baseOf(s))
      const source = at === undefined ? undefined : drafts[at]
      if (!source) continue
      const direct = baseOf(s) === s && !isReduction(nodes[at!]!) && source.shape !== undefined
      const hard = !direct || shape === undefined || !sameShape(source.shape!, shape)
      source.users.set(draft, hard || (source.users.get(draft) ?? false))
      draft.sources.add(source)
    }
  })

  nodes.forEach((node, i) => {
    if (!drafts[i]?.shape) return
    for (const s of node.inputs) {
      const at = maker.get(s)
      if (at === undefined || !drafts[at]) continue
      const [a, b] = [find(drafts[at]!), find(drafts[i]!)]
      if (a === b || a.users.get(b) !== false || !sameAxes(a, b)) continue
      if (a.members.length + b.members.length > LARGEST || detour(a, b)) continue
      merge(a, b)
    }
  })
  siblings(nodes, drafts, baseOf)
  return ordered(nodes, [...new Set(drafts.flatMap((d) => (d ? [find(d)] : [])))])
}

/**
 * Sums of the same operand over the same axes are taken in one walk: loops that end in reductions are joined where they
 * read a value of the whole index space in common.
 */
const siblings = (
  nodes: readonly Node[],
  drafts: readonly (Draft | undefined)[],
  baseOf: (s: Sym) => Sym,
): void => {
  const readers = new Map<Sym, number[]>()
  nodes.forEach((node, i) => {
    const draft = drafts[i]
    if (!draft?.shape) return
    for (const s of new Set(node.inputs))
      if (baseOf(s) === s && sameShape(s.shape, draft.shape)) {
        const list = readers.get(s)
        if (list) list.push(i)
        else readers.set(s, [i])
      }
  })
  for (const all of readers.values()) {
    const list = [...new Set(all.map((i) => find(drafts[i]!)))].filter((d) => d.axes !== undefined)
    for (let k = 1; k < list.length; k++) {
      const [a, b] = [find(list[k - 1]!), find(list[k]!)]
      if (a === b || !sameShape(a.axes!, b.axes!)) continue
      if (!sameShape(a.shape!, b.shape!) || a.members.length + b.members.length > LARGEST) continue
      if (a.users.has(b) || b.users.has(a) || detour(a, b) || detour(b, a)) continue
      merge(a, b)
    }
  }
}

/** Groups after those they use; among those that are ready, the one whose nodes end first. */
const ordered = (nodes: readonly Node[], drafts: readonly Draft[]): Group[] => {
  const waiting = new Map(drafts.map((d) => [d, d.sources.size]))
  const ready = new Heap<Draft>((a, b) => a.last - b.last)
  for (const [d, n] of waiting) if (n === 0) ready.push(d)
  const out: Group[] = []
  for (let d = ready.pop(); d !== undefined; d = ready.pop()) {
    const members = [...d.members].sort((p, q) => p - q)
    out.push({ nodes: members.map((i) => nodes[i]!), shape: d.shape })
    for (const user of d.users.keys()) {
      const left = waiting.get(user)! - 1
      waiting.set(user, left)
      if (left === 0) ready.push(user)
    }
  }
  return out
}

class Heap<T> {
  readonly #items: T[] = []
  constructor(private readonly order: (a: T, b: T) => number) {}

  push(x: T): void {
    const h = this.#items
    let i = h.push(x) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      if (this.order(h[up]!, h[i]!) <= 0) break
      ;[h[up], h[i]] = [h[i]!, h[up]!]
      i = up
    }
  }

  pop(): T | undefined {
    const h = this.#items
    const top = h[0]
    const last = h.pop()
    if (h.length === 0 || last === undefined) return top
    h[0] = last
    let i = 0
    for (;;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < h.length && this.order(h[child]!, h[least]!) < 0) least = child
      if (least === i) return top
      ;[h[i], h[least]] = [h[least]!, h[i]!]
      i = least
    }
  }
}
