import { describe, expect, test } from 'vitest'
import { Program } from '../../src/compile/program.js'
import type { Step } from '../../src/compile/step.js'
import type { TypedArray } from '../../src/dtype.js'
import {
  add,
  concat,
  cumsum,
  div,
  exp,
  grad,
  logsumexp,
  matmul,
  max,
  mean,
  mul,
  random,
  relu,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  trace,
  transpose,
} from '../../src/index.js'
import { optimise } from '../../src/optimise/optimise.js'
import { bind } from '../../src/trace/trace.js'
import { primitives } from '../laws/primitives.js'

const normal = (seed: number, ...shape: number[]): Tensor => random.normal(random.key(seed), shape) as Tensor

const norm = (x: Tensor): Tensor => {
  const centred = sub(x, mean(x, { axis: -1, keepDims: true }))
  return div(centred, sqrt(add(mean(square(centred), { axis: -1, keepDims: true }), 1e-5))) as Tensor
}

/** A function, its operands, and the steps it becomes. */
const CASES: Readonly<Record<string, readonly [(...xs: Tensor[]) => unknown, readonly Tensor[], string]>> = {
  softmax: [(x) => softmax(x!), [normal(1, 1003, 96)], 'sweep'],
  logsumexp: [(x) => logsumexp(x!, { axis: 1 }), [normal(2, 700, 130)], 'sweep'],
  'softmax of columns': [(x) => softmax(x!, { axis: 0 }), [normal(3, 40, 700)], 'sweep loop'],
  'softmax and its gradient': [
    (x, c) => grad((z: Tensor) => sum(mul(softmax(z), c!)))(x!),
    [normal(4, 515, 64), normal(5, 515, 64)],
    'sweep',
  ],
  'layer norm': [(x) => norm(x!), [normal(6, 301, 128)], 'sweep'],
  'a layer': [
    (x, w, b) => relu(add(matmul(x!, w!), b!)),
    [normal(7, 333, 65), normal(8, 65, 70), normal(9, 70)],
    'sweep',
  ],
  'a layer that ends in sums and maxima of rows': [
    (x, w) => {
      const y = matmul(x!, w!)
      return [sum(y, { axis: 1 }), max(exp(y), { axis: 1 }), add(y, 1)]
    },
    [mul(normal(10, 400, 33), 0.1) as Tensor, normal(11, 33, 48)],
    'sweep',
  ],
  attention: [
    (q, k, v) => matmul(softmax(matmul(q!, transpose(k!, [0, 2, 1]))), v!),
    [normal(12, 6, 40, 16), normal(13, 6, 40, 16), normal(14, 6, 40, 16)],
    'sweep dot',
  ],
  'parts side by side': [
    (x, y) => {
      const z = concat([exp(x!), y!], { axis: 1 })
      return div(z, sum(z, { axis: 1, keepDims: true }))
    },
    [normal(15, 300, 31), normal(16, 300, 40)],
    'sweep',
  ],
}

const EVERYTHING = { relaxed: false, worthSweeping: 0 }

const run = (graph: ReturnType<typeof optimise>, args: readonly Tensor[], target: object) => {
  const program = new Program(graph, { relaxed: false, ...target }, { explained: true })
  try {
    const results = program.run(args).map((t) => t.toTypedArray())
    const { procedure } = program.plan!
    return { results, kinds: procedure.steps.map((s: Step) => s.kind).join(' '), arena: procedure.arena }
  } finally {
    program.release()
  }
}

/** Bit for bit; the arrays are too long to be compared entry by entry. */
const same = (got: readonly TypedArray[], wanted: readonly TypedArray[]): void => {
  expect(got.map((t) => t.length)).toEqual(wanted.map((t) => t.length))
  const bytes = (t: TypedArray) => Buffer.from(t.buffer, t.byteOffset, t.byteLength)
  expect(got.findIndex((t, i) => !bytes(t).equals(bytes(wanted[i]!)))).toBe(-1)
}

describe('steps that go through the same rows', () => {
  test.each(Object.entries(CASES))('%s', (_, [f, args, kinds]) => {
    const graph = optimise(trace(f, ...args).ir)
    const plain = run(graph, args, { worthSweeping: Number.POSITIVE_INFINITY })
    expect(plain.kinds).not.toContain('sweep')
    const whole = run(graph, args, EVERYTHING)
    expect(whole.kinds).toBe(kinds)
    for (const sweepBytes of [0, 10_000])
      for (const threads of [{}, { threads: 2, worthSharing: 0 }])
        same(run(graph, args, { ...EVERYTHING, sweepBytes, ...threads }).results, plain.results)
    same(whole.results, plain.results)
  })

  test('what lies between two steps has the memory of a few rows', () => {
    const args = [normal(1, 4000, 100)]
    const graph = optimise(trace((x: Tensor) => softmax(x), args[0]!).ir)
    const [plain, swept] = [Number.POSITIVE_INFINITY, 0].map(
      (worthSweeping) => run(graph, args, { worthSweeping }).arena,
    )
    expect(plain).toBeGreaterThan(4000 * 100 * 4)
    expect(swept).toBeLessThan(256 << 10)
  })

  test('a result that two steps write does not take the place of what the second one reads', () => {
    const x = normal(18, 40, 64)
    const none = [0, 0]
    const params = { lo: none, hi: none, interior: none, value: 1 }
    const graph = trace(
      (z: Tensor) => cumsum(bind(primitives.get('pad')!, [cumsum(z, { axis: 0 })], params)[0]!, { axis: 0 }),
      x,
    ).ir
    same(
      run(graph, [x], EVERYTHING).results,
      run(graph, [x], { worthSweeping: Number.POSITIVE_INFINITY }).results,
    )
  })

  test.each([
    ['nothing reads it any more', true, (_: Tensor, quotient: Tensor, z: Tensor) => mul(quotient, z)],
    ['a later step reads it', false, (y: Tensor, quotient: Tensor, z: Tensor) => [y, mul(quotient, z)]],
  ] as const)('a donated operand is overwritten only where %s', (_, inPlace, result) => {
    const x = normal(17, 500, 64)
    const graph = optimise(
      trace((z: Tensor) => {
        const y = exp(z) as Tensor
        return result(y, div(y, sum(y, { axis: 1, keepDims: true })) as Tensor, z)
      }, x).ir,
    )
    const plain = run(graph, [x], { worthSweeping: Number.POSITIVE_INFINITY }).results
    for (const sweepBytes of [0, 20_000]) {
      const program = new Program(
        graph,
        { relaxed: false, worthSweeping: 0, sweepBytes },
        { donated: [true] },
      )
      expect(program.heirs.map((h) => h.inPlace)).toEqual([inPlace])
      const copy = mul(x, 1) as Tensor
      same(
        program.run([copy]).map((t) => t.toTypedArray()),
        plain,
      )
      program.release()
    }
  })
})
