import type { CheckOptions, LawId } from '@cotangent/check'
import {
  abs,
  add,
  cos,
  customVjp,
  defineOp,
  div,
  equal,
  log,
  mul,
  norm,
  sigmoid,
  sin,
  slice,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
  where,
} from '@cotangent/core'
import {
  bind,
  definePrimitive,
  none,
  outSize,
  type Params,
  type Primitive,
  reals,
} from '@cotangent/core/internal'
import { d } from '../helpers.js'
import { type T, t } from './mutation.js'

// One function for each law that this law alone, or it before all others, finds wrong.

export interface Planted {
  readonly what: string
  readonly f: (...xs: never[]) => unknown
  readonly at: readonly unknown[]
  readonly options?: CheckOptions
}

const x2 = [d([0.5, -1])]
const op = (name: string, definition: object): ((...xs: T[]) => T) =>
  defineOp({ name, ...definition } as never) as unknown as (...xs: T[]) => T

/** sin with a reverse rule of its own. */
const sinBy = (name: string, vjp: (xs: T[], ct: T) => unknown): ((x: T) => T) =>
  op(name, { expand: (x: T) => t(sin(x)), vjp: (xs: T[], ct: T) => [vjp(xs, ct)] })

let calls = 0

/** Whether values can be read here: not where a function is traced for later. */
const readable = (x: Tensor): boolean => {
  try {
    x.toTypedArray()
    return true
  } catch {
    return false
  }
}

const twisted = op('twisted', {
  expand: (x: T, y: T) => t(mul(x, y)),
  // Right at (1, 2), and nowhere around it the gradient of anything.
  vjp: ([x, y]: T[], ct: T) => [t(mul(ct, add(y!, mul(0.5, sub(y!, 2))))), t(mul(ct, x!))],
})

const rough = op('rough', {
  expand: (x: T) => t(abs(x)),
  jvp: ([x]: T[], [dx]: T[]) => t(mul(dx!, where(equal(x!, 0), 0, 1))),
  vjp: (_: T[], ct: T) => [t(mul(ct, 0.5))],
})

const elsewhere = customVjp(
  (x: Tensor) => t(sin(x)),
  (x: Tensor) => [t(add(sin(x), 1e-3)), x] as const,
  (x: Tensor, ct: Tensor) => [t(mul(ct, cos(x)))],
)

const wrong3 = sinBy('wrong3', ([x], ct) => mul(ct, mul(cos(x!), 1.001)))
const byFirstKey = (p: Readonly<Record<string, T>>): unknown =>
  add(sum(Object.keys(p)[0] === 'a' ? sin(p.a!) : wrong3(p.a!)), sum(square(p.b!)))

const plainSigmoid = op('plainSigmoid', {
  expand: (x: T) => t(sigmoid(x)),
  jvp: (_: T[], [dx]: T[], y: T) => t(mul(dx!, mul(y, sub(1, y)))),
})

const quotientNorm = op('quotientNorm', {
  expand: (x: T) => t(norm(x)),
  vjp: ([x]: T[], ct: T) => [t(mul(ct, div(x!, norm(x!))))],
})

/** A primitive that is right but for what is said. */
const planted = <P extends Params>(
  row: Pick<Primitive<P>, 'name' | 'kernel' | 'jvp' | 'transpose'>,
): Primitive<P> =>
  definePrimitive<P>({
    shape: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
    batch: (inputs, _, params) => bind(row as Primitive<P>, inputs, params),
    domain: [reals],
    kinks: 'none',
    derivation: 'planted',
    flops: outSize,
    ...row,
  })

const product = planted<typeof none>({
  name: 'plantedProduct',
  kernel: ([x, y]) => [t(mul(x!, y!))],
  // Without a tangent of the one the other's is forgotten.
  jvp: ([x, y], [dx, dy]) => [dx && dy ? t(add(mul(dx, y!), mul(x!, dy))) : null],
  transpose: 'nonlinear',
})

const factorOf = (params: Params): number => (params.by as Map<string, number>).get('factor')!
const scaled: Primitive<Params> = planted<Params>({
  name: 'plantedScale',
  kernel: ([x], params) => [t(mul(x!, factorOf(params)))],
  jvp: (_, [dx], __, params) => [dx ? t(mul(dx, factorOf(params))) : null],
  transpose: 'nonlinear',
})
/** A parameter that is no plain data: two of them look the same to whoever shares equal nodes. */
const scaledBy = (x: T, factor: number): T => bind(scaled, [x], { by: new Map([['factor', factor]]) })[0]!

/** Inside of `checkpoint` a function is traced with its values, and cannot tell: that law is broken in a test of its own. */
export const PLANTED: Readonly<Record<Exclude<LawId, 'checkpoint'>, Planted>> = {
  purity: { what: 'a counter', f: (x: T) => sum(mul(x, ++calls)), at: x2 },
  shape: {
    what: 'as long as a value says',
    f: (x: T) => slice(x, [0], [Number(x.toTypedArray()[0]! >= 0.5) + 1]),
    at: x2,
  },
  finite: { what: 'the logarithm of a negative number', f: (x: T) => sum(log(x)), at: x2 },
  reverse: { what: 'a factor', f: (x: T) => wrong3(x), at: x2 },
  forward: {
    what: 'a right vjp beside a wrong jvp',
    f: op('sinTwice', {
      expand: (x: T) => t(sin(x)),
      vjp: ([x]: T[], ct: T) => [t(mul(ct, cos(x!)))],
      jvp: ([x]: T[], [dx]: T[]) => t(mul(mul(dx!, cos(x!)), 1.001)),
    }),
    at: x2,
  },
  'second-opinion': {
    what: 'a number that is read and multiplied with',
    f: (x: T) => sum(mul(x, x.toTypedArray()[0]!)),
    at: x2,
  },
  adjoint: {
    what: 'two rules at a kink that is passed over',
    f: (x: T) => sum(rough(x)),
    at: [d([0])],
    options: { atKinks: 'skip' },
  },
  linearity: {
    what: 'the square of the cotangent, which is 1 mostly',
    f: (x: T) => sinBy('sinSquared', ([z], ct) => mul(square(ct), cos(z!)))(x),
    at: [d(0.5)],
  },
  'zero-cotangent': {
    what: 'a constant for nothing',
    f: (x: T) => sinBy('sinAdded', ([z], ct) => add(mul(ct, cos(z!)), where(equal(ct, 0), 1e-3, 0)))(x),
    at: x2,
  },
  'unused-input': {
    what: 'a trace of what is not used',
    f: op('leaking', {
      expand: (x: T, _: T) => t(sin(x)),
      vjp: ([x]: T[], ct: T) => [t(mul(ct, cos(x!))), t(mul(ct, 1e-30))],
    }),
    at: [...x2, ...x2],
  },
  'symbolic-zero': {
    what: 'a tangent forgotten beside an absent one',
    f: (x: T, y: T) => sum(bind(product, [x, y], none)[0]!),
    at: [d([0.5, 2]), d([1, 3])],
  },
  primal: { what: 'another value beside the gradient', f: (x: T) => elsewhere(x), at: x2 },
  optimised: {
    what: 'parameters that look the same',
    f: (x: T) => add(sum(scaledBy(x, 2)), sum(scaledBy(x, 3))),
    at: x2,
  },
  serialised: {
    what: 'another function where values cannot be read',
    f: (x: T) => (readable(x) ? sin(x) : mul(sin(x), 1.001)),
    at: x2,
  },
  'leaf-order': {
    what: 'a rule that depends on the first key',
    f: byFirstKey,
    at: [{ a: d([0.5, -1]), b: d([1, 2]) }],
  },
  batch: {
    what: 'a batch rule with another factor',
    f: op('twice', { expand: (x: T) => t(mul(x, 2)), batch: ([x]: T[]) => t(mul(x!, 3)) }),
    at: x2,
  },
  'second-order': {
    what: 'the second derivative of tanh',
    f: op('tanhStop', {
      expand: (x: T) => t(tanh(x)),
      jvp: ([x]: T[], [dx]: T[]) => t(mul(dx!, sub(1, square(tanh(stopGradient(x!)))))),
    }),
    at: x2,
    options: { order: 2 },
  },
  symmetry: { what: 'the gradient of nothing', f: twisted, at: [d(1), d(2)], options: { order: 2 } },
  robustness: { what: '0/0 at 0', f: quotientNorm, at: x2, options: { edges: true } },
  taylor: {
    what: 'a number that is read, times a sine',
    f: (x: T) => sum(mul(sin(x), x.toTypedArray()[0]!)),
    at: x2,
  },
  accuracy: {
    what: 'y(1 - y) far out',
    f: (x: T) => sum(plainSigmoid(x)),
    at: [d([36, -1])],
    options: { ulps: 4 },
  },
}
