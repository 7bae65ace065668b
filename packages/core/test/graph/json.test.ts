import {
  add,
  CotangentError,
  checkpoint,
  cond,
  customVjp,
  defineOp,
  exp,
  Graph,
  grad,
  jit,
  jvp,
  less,
  linalg,
  logsumexp,
  mul,
  neg,
  norm,
  random,
  scan,
  sin,
  softmax,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  vmap,
  whileLoop,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'

type F = (x: Tensor) => Tensor
const d = (x: number[]): Tensor => tensor(x, { dtype: 'float64' })
const x0 = d([0.5, -1.25, 2])

// A rule that is wrong on purpose: only a graph that keeps the rule, not just the meaning, gives its derivative.
const tripled: F = defineOp({
  name: 'tripled',
  expand: (x: Tensor) => sin(x),
  jvp: ([x], [t]): Tensor => mul(mul(3, tripled(x)), t),
})
const doubled = defineOp({
  name: 'doubled',
  expand: (x: Tensor) => mul(x, x),
  vjp: ([x], ct) => [mul(mul(4, x), ct)],
})
const family = (n: number): ((x: Tensor) => Tensor) =>
  defineOp({ name: `f${n}`, expand: (x: Tensor) => mul(n, x), jvp: (_, [t]) => family(n + 1)(t) })
const residual = customVjp(
  (x: Tensor) => square(x),
  (x: Tensor) => [square(x), x] as const,
  (x: Tensor, ct: Tensor) => [mul(mul(5, x), ct)],
)

const programs: Record<string, F> = {
  polynomial: (x) => sum(mul(x, mul(x, x))),
  constants: (x) => sum(mul(x, d([-0, Number.POSITIVE_INFINITY, 1e-300]))),
  cond: (x) =>
    cond(
      less(sum(x), 0),
      (v: Tensor) => sum(neg(v)),
      (v: Tensor) => sum(mul(v, exp(v))),
      x,
    ),
  scan: (x) => sum(scan((c: Tensor, a: Tensor) => [mul(c, sin(mul(a, x))), c] as const, x, d([1, 2, 3]))[1]),
  while: (x) =>
    sum(
      whileLoop(
        (v: Tensor) => less(sum(v), 20),
        (v: Tensor) => mul(v, add(v, 1.5)),
        x,
      ),
    ),
  softmax: (x) => sum(mul(softmax(x), d([1, 2, 3]))),
  logsumexp: (x) => square(logsumexp(x)),
  norm: (x) => norm(x),
  defineOp: (x) => sum(tripled(x)),
  'vjp only': (x) => sum(doubled(x)),
  customVjp: (x) => sum(residual(x)),
  checkpoint: (x) => sum(checkpoint((v: Tensor) => sin(exp(v)))(x)),
  'op in a scan': (x) =>
    sum(
      scan((c: Tensor, a: Tensor) => [mul(c, 2), sum(mul(softmax(mul(x, a)), c))] as const, x, d([1, 2]))[1],
    ),
  'family of ops': (x) => sum(family(1)(x)),
  'mapped op': (x) => sum(mul(vmap((a: Tensor) => softmax(mul(x, a)))(x), d([1, 2, 3]))),
  gradient: (x) => sum(square(grad((v: Tensor) => sum(mul(softmax(v), v)))(x))),
}

const load = (f: F): F => {
  const graph = trace(f, x0)
  const loaded = Graph.fromJSON(JSON.stringify(graph))
  expect(loaded.toString()).toBe(graph.toString())
  expect(JSON.stringify(loaded)).toBe(JSON.stringify(Graph.fromJSON(loaded.toJSON())))
  return loaded.toFunction() as F
}
const bits = (t: Tensor) => Array.from(t.toTypedArray(), (v) => (Object.is(v, -0) ? '-0' : String(v)))
const slope = (f: F): F => grad((x: Tensor) => f(x)) as F
const curvature = (f: F): F => grad((x: Tensor) => sum(mul(slope(f)(x), d([1, -2, 3])))) as F

describe.each(Object.entries(programs))('%s goes to JSON and back', (name, f) => {
  const g = load(f)
  test('value', () => expect(bits(g(x0))).toEqual(bits(f(x0))))
  test('gradient', () => expect(bits(slope(g)(x0))).toEqual(bits(slope(f)(x0))))
  test('second order', () => expect(bits(curvature(g)(x0))).toEqual(bits(curvature(f)(x0))))
  test('forward mode', () => {
    const of = (h: F) => bits(jvp(h, [x0], [d([1, 2, 3])])[1] as Tensor)
    expect(of(g)).toEqual(of(f))
  })
  test('vmap and jit', () => {
    const xs = tensor(
      [
        [0.5, -1.25, 2],
        [1, 0.25, 0.75],
      ],
      { dtype: 'float64' },
    )
    expect(bits(vmap(g)(xs))).toEqual(bits(vmap(f)(xs)))
    expect(bits(jit(slope(g), { backend: 'interpreter' })(x0))).toEqual(bits(slope(f)(x0)))
  })
  if (name === 'defineOp')
    test('the rule, not the meaning', () => expect(bits(slope(g)(x0))).toEqual(bits(mul(3, sin(x0)))))
})

test('trees, random numbers and linear algebra', () => {
  const f = (p: { a: Tensor; k: readonly [Tensor] }) => ({
    r: add(linalg.cholesky(p.a), random.uniform(p.k[0], [2, 2])),
  })
  const args = {
    a: tensor([
      [2, 1],
      [1, 3],
    ]),
    k: [random.key(7)] as const,
  }
  const loaded = Graph.fromJSON(trace(f, args).toJSON())
  expect(bits((loaded.call(args) as { r: Tensor }).r)).toEqual(bits(f(args).r))
})

describe('a file that cannot be read is a Format error that names what', () => {
  const good = () => JSON.parse(JSON.stringify(trace(programs.softmax!, x0)))
  const message = (json: unknown): string => {
    try {
      Graph.fromJSON(json)
    } catch (error) {
      expect(error).toBeInstanceOf(CotangentError)
      expect((error as CotangentError).kind).toBe('Format')
      return (error as Error).message
    }
    return 'no error'
  }
  type Damage = (json: unknown) => unknown
  /** Sets, or with undefined removes, what is at a path. */
  const at =
    (path: readonly (string | number)[], value: unknown): Damage =>
    (json) => {
      const parent = path.slice(0, -1).reduce((x, k) => (x as Record<string, unknown>)[k], json)
      const last = path.at(-1)!
      if (value === undefined) delete (parent as Record<string, unknown>)[last]
      else (parent as Record<string, unknown>)[last] = value
      return json
    }
  const vector = { dtype: 'float64', shape: [3] }
  const inItself = {
    inputs: [vector],
    nodes: [{ op: 'op', in: [0], out: [vector], params: { def: 0 } }],
    outputs: [1],
  }
  const broken: readonly [string, Damage, string][] = [
    ['not JSON', () => '{', 'Graph.fromJSON: the text is not JSON.'],
    [
      'format',
      at(['format'], 'x'),
      "Graph.fromJSON: this is not a graph: its format must be 'cotangent.graph'.",
    ],
    [
      'version',
      at(['version'], 9),
      'Graph.fromJSON: version 9 is not supported, only 1. Load the graph with the version of Cotangent that wrote it.',
    ],
    [
      'primitive',
      at(['graph', 'nodes', 2, 'op'], 'warp'),
      "Graph.fromJSON: graph.nodes[2] applies the primitive 'warp', which this version of Cotangent does not have. Load the graph with the version that wrote it, or trace the function again.",
    ],
    [
      'an index',
      at(['graph', 'nodes', 0, 'in'], [99]),
      'Graph.fromJSON: graph.nodes[0].in is 99, which is not an index below 1.',
    ],
    [
      'a shape',
      at(['graph', 'nodes', 2, 'out', 0, 'shape'], [4]),
      'Graph.fromJSON: graph.nodes[2]: mul gives (float64[4]), not (float64[3]).',
    ],
    [
      'a dtype',
      at(['graph', 'inputs', 0, 'dtype'], 'int8'),
      'Graph.fromJSON: graph.inputs[0].dtype is "int8", not a dtype.',
    ],
    [
      'base64',
      at(['constants', 0, 'data'], '!'),
      'Graph.fromJSON: constants[0].data is not base64. The file is damaged; write it again with toJSON.',
    ],
    ['too few bytes', at(['constants', 0, 'data'], 'AAAA'), 'Graph.fromJSON: constants[0] has 3 bytes,'],
    [
      'parameters',
      at(['graph', 'nodes', 3, 'params'], undefined),
      'cannot be a sum: its operands or parameters are missing.',
    ],
    [
      'an operation',
      at(['graph', 'nodes', 0, 'params', 'def'], 5),
      'graph.nodes[0].params.def is 5, which is not an index below',
    ],
    ['an operation inside itself', at(['ops', 0, 'meaning'], inItself), 'ops[0] is part of its own meaning.'],
    ['a rule', at(['ops', 0, 'jvp', 'active'], []), 'ops[0].jvp.active must be a list of 1 booleans.'],
    ['trees', at(['args'], ['*', '*']), 'the trees have 2 and 1 leaves, the graph 1 inputs and 1 outputs.'],
  ]
  test.each(broken)('%s', (_, damage, text) => {
    expect(message(damage(good()))).toContain(text)
  })
})

test('calling with other shapes or structure is refused', () => {
  const graph = trace((x: Tensor) => square(x), x0)
  expect(() => graph.call(d([1, 2]))).toThrow(
    'Graph.call: the argument at 0 is float64[2], the graph was traced with float64[3]. Trace the function again for other shapes and dtypes.',
  )
  expect(() => graph.toFunction()(...([] as unknown as [Tensor]))).toThrow(
    'Graph.call: got 0 arguments, the graph takes 1.',
  )
})

test('a number takes the dtype of its place', () => {
  const graph = trace((x: Tensor | number) => mul(x, 3), tensor(1, { dtype: 'float64' }) as Tensor | number)
  expect(graph.call(0.1).item()).toBe(0.1 * 3)
})

test('a graph that used values of a transform around it is called there, and not written', () => {
  grad((x: Tensor) => {
    const graph = trace((y: Tensor) => mul(x, y), tensor(2) as Tensor)
    expect(() => graph.toJSON()).toThrow('Graph.toJSON: the function used values of a transform around it.')
    return graph.call(x)
  })(tensor(3) as Tensor)
  expect(grad((x: Tensor) => trace((y: Tensor) => mul(x, y), x).call(x))(tensor(3) as Tensor).item()).toBe(6)
})
