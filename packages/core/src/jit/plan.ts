import type { Aval, GraphIR, Params, Primitive, Sym } from '../graph/ir.js'
import { constantP } from '../primitives/constant.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'

interface Step {
  readonly op: Primitive
  readonly params: Params
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly avals: readonly Aval[]
  /** Slots that nothing reads after this step. */
  readonly release: readonly number[]
}

/** A graph made ready to run: values live in numbered slots, and each is let go after its last use. */
export interface Plan {
  readonly steps: readonly Step[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Slots of constants are filled, the others empty. */
  readonly frame: readonly (Tensor | undefined)[]
}

/** Gives each value a slot; a slot is used again once its value has been read for the last time. */
export const planGraph = (graph: GraphIR): Plan => {
  const nodes = graph.nodes.filter((n) => n.op !== (constantP as unknown))
  const lastUse = new Map<Sym, number>()
  nodes.forEach((node, i) => {
    for (const s of [...node.inputs, ...node.outputs]) lastUse.set(s, i)
  })
  for (const s of graph.outputs) lastUse.set(s, Number.POSITIVE_INFINITY)

  const frame: (Tensor | undefined)[] = []
  const slots = new Map<Sym, number>()
  const constants = new Set<Sym>()
  for (const node of graph.nodes)
    if (node.op === (constantP as unknown)) {
      slots.set(node.outputs[0]!, frame.length)
      constants.add(node.outputs[0]!)
      frame.push(node.params.value as Tensor)
    }
  const free: number[] = []
  const take = (s: Sym): number => {
    const slot = free.pop() ?? frame.push(undefined) - 1
    slots.set(s, slot)
    return slot
  }
  const inputs = graph.inputs.map(take)
  const steps = nodes.map((node, i): Step => {
    const from = node.inputs.map((s) => slots.get(s)!)
    const to = node.outputs.map(take)
    const done = [...new Set([...node.inputs, ...node.outputs])]
      .filter((s) => lastUse.get(s) === i && !constants.has(s))
      .map((s) => slots.get(s)!)
    free.push(...done)
    return { op: node.op, params: node.params, inputs: from, outputs: to, avals: node.outputs, release: done }
  })
  return { steps, inputs, outputs: graph.outputs.map((s) => slots.get(s)!), frame }
}

/**
 * Runs a plan on values. Every result is a tensor of its own: never an argument, a constant of the program, or another
 * result, so that giving one away later cannot take the other along.
 */
export const runPlan = (plan: Plan, args: readonly Tensor[]): Tensor[] => {
  const frame = [...plan.frame]
  plan.inputs.forEach((slot, i) => {
    frame[slot] = args[i]!
  })
  for (const { op, params, inputs, outputs, avals, release } of plan.steps) {
    const operands = new Array<Tensor>(inputs.length)
    for (let i = 0; i < inputs.length; i++) operands[i] = frame[inputs[i]!]!
    const results = op.kernel(operands, params, avals)
    for (let i = 0; i < outputs.length; i++) frame[outputs[i]!] = results[i]!
    for (let i = 0; i < release.length; i++) frame[release[i]!] = undefined
  }
  const taken = new Set<Tensor>(args)
  for (const t of plan.frame) if (t) taken.add(t)
  return plan.outputs.map((slot) => {
    const t = frame[slot]!
    const own = taken.has(t) ? fromData(dataOf(t), t.shape, t.dtype) : t
    taken.add(own)
    return own
  })
}
