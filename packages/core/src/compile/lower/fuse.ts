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
  /** Its place in the order: sources before users. */
  at: number
  /** Groups that use its results; true where some use needs the whole result. */
  readonly users: Map<Draft, boolean>
  readonly sources: Set<Draft>
  into: Draft | undefined
}

/** Groups in an order in which they can be evaluated; places are empty where a group has joined another. */
type Order = (Draft | undefined)[]

const find = (d: Draft): Draft => {
  let at = d
  while (at.into) at = at.into
  return at
}

/**
 * What lies between two groups in the order and depends on the first; undefined if the second does too in another way
 * than directly, for then they cannot be one. Only what lies between has to be looked at.
 */
const between = (first: Draft, second: Draft): Set<Draft> | undefined => {
  const seen = new Set<Draft>()
  const todo: Draft[] = [...first.users.keys()].filter((d) => d !== second)
  for (let d = todo.pop(); d !== undefined; d = todo.pop()) {
    if (d === second) return undefined
    if (seen.has(d) || d.at > second.at) continue
    seen.add(d)
    todo.push(...d.users.keys())
  }
  return seen
}

/** Makes one group of two, unless it would depend on itself; what depends on it moves behind it. */
const join = (order: Order, a: Draft, b: Draft): void => {
  const [first, second] = a.at < b.at ? [a, b] : [b, a]
  const behind = between(first, second)
  if (!behind) return
  const stretch = order.slice(first.at, second.at + 1)
  const others = stretch.filter((d) => d && d !== first && d !== second)
  const now = [...others.filter((d) => !behind.has(d!)), first, ...others.filter((d) => behind.has(d!))]
  const from = first.at
  stretch.forEach((_, i) => {
    const d = now[i]
    order[from + i] = d
    if (d) d.at = from + i
  })
  merge(first, second)
}

const sameAxes = (a: Draft, b: Draft): boolean =>
  a.axes === undefined || b.axes === undefined || sameShape(a.axes, b.axes)

const merge = (a: Draft, b: Draft): void => {
  b.into = a
  a.members.push(...b.members)
  a.axes ??= b.axes
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
      at: i,
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

  const order: Order = [...drafts]
  nodes.forEach((node, i) => {
    if (!drafts[i]?.shape) return
    for (const s of node.inputs) {
      const at = maker.get(s)
      if (at === undefined || !drafts[at]) continue
      const [a, b] = [find(drafts[at]!), find(drafts[i]!)]
      if (a === b || a.users.get(b) !== false || !sameAxes(a, b)) continue
      if (a.members.length + b.members.length <= LARGEST) join(order, a, b)
    }
  })
  siblings(nodes, drafts, order, baseOf)
  return order.flatMap((d) => (d ? [groupOf(nodes, d)] : []))
}

const groupOf = (nodes: readonly Node[], { members, shape }: Draft): Group => ({
  nodes: [...members].sort((p, q) => p - q).map((i) => nodes[i]!),
  shape,
})

/**
 * Sums of the same operand over the same axes are taken in one walk: loops that end in reductions are joined where they
 * read a value of the whole index space in common.
 */
const siblings = (
  nodes: readonly Node[],
  drafts: readonly (Draft | undefined)[],
  order: Order,
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
      if (!a.users.has(b) && !b.users.has(a)) join(order, a, b)
    }
  }
}
