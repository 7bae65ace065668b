import { defaultThreads, hasRelaxedMadd, hasSimd, Program, theHeap } from '../compile/index.js'
import { hasLanes } from '../compile/loop/lanes.js'
import type { Aval, Params, Primitive } from '../graph/ir.js'
import { showAval } from '../graph/print.js'
import { valueKey } from '../optimise/share.js'
import { sameShape } from '../shape.js'
import { dataOf, filled, type Tensor, uniformOf } from '../tensor.js'
import { build } from '../trace/build.js'
import { bind } from '../trace/trace.js'
import { Lru } from './lru.js'

// Operations on values run at once, each as a program of its own where it is large enough to be worth the call; small
// ones are left to the plain kernels. So code that is not under `jit` is not slow either.

const LEAST = 8_000 // floating-point operations: below this a plain kernel is as fast
const CAPACITY = 256

// What has graphs inside runs node by node, and nodes of it come here again.
const SKIPPED = new Set(['constant', 'cond', 'scan', 'while', 'op'])

const programs = new Lru<Program>(CAPACITY, (program) => program.release())

const programFor = (op: Primitive, inputs: readonly Tensor[], params: Params): Program => {
  const key = `${op.name} ${valueKey(params)} ${inputs.map(showAval).join(' ')}`
  const known = programs.get(key)
  if (known) return known
  const avals = inputs.map(({ shape, dtype }) => ({ shape, dtype }))
  const { graph } = build('eager', avals, (...xs) => bind(op, xs, params))
  const program = new Program(graph, { relaxed: hasRelaxedMadd(), threads: defaultThreads() })
  programs.set(key, program)
  return program
}

/** The one value of an element-wise operation on operands that are the same everywhere. */
const uniformResult = (
  op: Primitive,
  inputs: readonly Tensor[],
  params: Params,
  outs: readonly Aval[],
): Tensor | undefined => {
  const [out] = outs
  const values = inputs.map(uniformOf)
  const last = inputs[inputs.length - 1]
  if (!out || !last || values.includes(undefined)) return undefined
  if (!inputs.every((x) => sameShape(x.shape, out.shape)) || !hasLanes(op.name, last.dtype, params))
    return undefined
  const scalars = inputs.map((x, i) => filled(values[i]!, [], x.dtype))
  const [one] = op.kernel(scalars, params, [{ shape: [], dtype: out.dtype }])
  return filled(dataOf(one!)[0]!, out.shape, out.dtype)
}

/** Computes a large operation as compiled code; undefined where the plain kernel should do it. */
export const accelerate = (
  op: Primitive,
  inputs: readonly Tensor[],
  params: Params,
  outs: readonly Aval[],
): readonly Tensor[] | undefined => {
  const same = uniformResult(op, inputs, params, outs)
  if (same) return [same]
  if (SKIPPED.has(op.name) || op.flops(inputs, outs, params) < LEAST) return undefined
  if (!hasSimd() || theHeap().busy) return undefined
  return programFor(op, inputs, params).run(inputs)
}
