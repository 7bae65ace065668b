import { isFloat } from '@cotangent/core/internal'
import { type Kernel, moveWords } from '../../words/kernel.js'
import { at, emptyFloats, ofIntegers } from '../../words/tensor.js'
import { compare, trunc } from '../arithmetic.js'

/** Between dtypes: to integers and truth values by a decision. */
export const convert: Kernel = ({ row, inputs, params, outs, decide }) => {
  const [x, out] = [inputs[0]!, outs[0]!]
  if (!isFloat(x.dtype)) {
    if (!isFloat(out.dtype)) return moveWords(row, inputs, params, outs)
    const y = emptyFloats(out)
    y.hi.set(x.hi)
    return [y]
  }
  // Float to float is no rounding here: both are held to 106 bits.
  if (isFloat(out.dtype)) return [{ ...x, dtype: out.dtype }]
  const n = x.hi.length
  const bits = out.dtype === 'bool' ? new Uint8Array(n) : new Int32Array(n)
  for (let i = 0; i < n; i++) {
    const [hi, lo] = trunc(at(x, i))
    bits[i] =
      out.dtype === 'bool'
        ? Number(compare(at(x, i), [0, 0]) !== 0)
        : Number.isNaN(hi)
          ? 0
          : Math.min(Math.max(hi + lo, -2147483648), 2147483647)
    decide(bits[i]!)
  }
  return [ofIntegers(out, bits)]
}
