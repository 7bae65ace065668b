import type { Tensor } from '@cotangent/core'
import { fromData, isFloat } from '@cotangent/core/internal'
import { contractionOver } from '../words/contraction.js'
import { factorizationsOver } from '../words/factorizations.js'
import type { Call, Kernel } from '../words/kernel.js'
import { structural } from '../words/structural.js'
import { sumsOver } from '../words/sums.js'
import { emptyFloats, map, type WordTensor } from '../words/tensor.js'
import { add, arithmetic, type Complex, div, mul, NOWHERE, neg, reciprocal, sqrt, sub } from './arithmetic.js'
import * as f from './functions/index.js'

// Primitives that are holomorphic around their operands. What is not here, such as abs, max, comparisons, sorting and
// rounding, has no meaning for numbers that are not real; Jacobi's iterations for eigenvalues end by comparing sizes.

type Fun = (...z: Complex[]) => Complex

const holomorphic =
  (g: Fun): Kernel =>
  ({ inputs, outs }) => [map(outs[0]!, inputs, g)]

/** The real parts as the tensor that they would be without imaginary ones. */
export const realPart = (x: WordTensor): Tensor =>
  fromData(x.hi, x.shape, isFloat(x.dtype) ? 'float64' : x.dtype)

/** A function whose value at the real parts is that of the float64 kernel, and what the imaginary ones add to it. */
const beside =
  (add: (x: number, y: number, value: number) => Complex): Kernel =>
  ({ row, inputs, params, outs }: Call) => {
    const [x] = inputs
    const aval = { shape: outs[0]!.shape, dtype: 'float64' } as const
    const values = row.kernel([realPart(x!)], params, [aval])[0]!.toTypedArray()
    const y = emptyFloats(outs[0]!)
    for (let i = 0; i < values.length; i++) {
      const [re, im] = add(x!.hi[i]!, x!.lo[i]!, values[i]!)
      y.hi[i] = values[i]! + re
      y.lo[i] = im
    }
    return [y]
  }

/** Where the second factor is finite this is a product; elsewhere a zero that moves has no derivative. */
const strongMul: Fun = (z, w) =>
  Number.isFinite(w[0]) ? mul(z, w) : z[0] !== 0 ? mul(z, w) : z[1] === 0 ? [0, 0] : NOWHERE

const convert: Kernel = ({ inputs, outs }) => [{ ...inputs[0]!, dtype: outs[0]!.dtype }]

const elementwise: Readonly<Record<string, Kernel>> = {
  neg: holomorphic((z) => neg(z!)),
  add: holomorphic((z, w) => add(z!, w!)),
  sub: holomorphic((z, w) => sub(z!, w!)),
  mul: holomorphic((z, w) => mul(z!, w!)),
  strongMul: holomorphic(strongMul),
  div: holomorphic((z, w) => div(z!, w!)),
  fma: holomorphic((z, w, c) => add(mul(z!, w!), c!)),
  exp: holomorphic((z) => f.exp(z!)),
  expm1: holomorphic((z) => f.expm1(z!)),
  log: holomorphic((z) => f.log(z!)),
  log1p: holomorphic((z) => f.log1p(z!)),
  sqrt: holomorphic((z) => sqrt(z!)),
  rsqrt: holomorphic((z) => reciprocal(sqrt(z!))),
  cbrt: holomorphic((z) => f.cbrt(z!)),
  integerPow: (call) => holomorphic((z) => f.integerPower(z!, call.params.n as number))(call),
  pow: holomorphic((z, w) => f.pow(z!, w!)),
  sin: holomorphic((z) => f.sin(z!)),
  cos: holomorphic((z) => f.cos(z!)),
  tan: holomorphic((z) => f.tan(z!)),
  asin: holomorphic((z) => f.asin(z!)),
  acos: holomorphic((z) => f.acos(z!)),
  atan: holomorphic((z) => f.atan(z!)),
  atan2: holomorphic((y, x) => f.atan2(y!, x!)),
  sinh: holomorphic((z) => f.sinh(z!)),
  cosh: holomorphic((z) => f.cosh(z!)),
  tanh: holomorphic((z) => f.tanh(z!)),
  sech2: holomorphic((z) => f.sech2(z!)),
  asinh: holomorphic((z) => f.asinh(z!)),
  acosh: holomorphic((z) => f.acosh(z!)),
  atanh: holomorphic((z) => f.atanh(z!)),
  sigmoid: holomorphic((z) => f.sigmoid(z!)),
  softplus: holomorphic((z) => f.softplus(z!)),
  erf: beside((x, y) => f.erfBeside(x, y)),
  erfc: beside((x, y) => neg(f.erfBeside(x, y))),
  erfInv: beside((_, y, value) => [0, f.erfInvBeside(value, y)]),
  lgamma: holomorphic((z) => f.lgamma(z!)),
  digamma: holomorphic((z) => f.digamma(z!)),
  polygamma: (call) => holomorphic((z) => f.polygamma(call.params.n as number, z!))(call),
}

/** The meaning of primitives for complex operands, by name. */
export const KERNELS: ReadonlyMap<string, Kernel> = new Map(
  Object.entries({
    ...structural,
    convert,
    ...elementwise,
    ...sumsOver(arithmetic),
    ...contractionOver(arithmetic),
    ...factorizationsOver(arithmetic),
  }),
)
