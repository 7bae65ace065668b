import { checkGrad } from '@cotangent/check'
import { mul, type Tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { MUTATIONS } from '../mutations/index.js'
import { NASTY } from '../nasty.js'

// The verdicts of this package on the functions of peers.py, as JSON: whether each is refused, and whom it blames.

const wrong = MUTATIONS.map(({ what, op, at, order }) => {
  const { name } = op.definition
  const run = op as unknown as (...xs: Tensor[]) => Tensor
  const found = checkGrad((...xs: Tensor[]) => mul(run(...xs), 3), [...at], { order, seed: 7 })
  const [first] = E.isLeft(found) ? found.left : []
  return {
    name,
    what,
    ours: first?._tag === 'Mismatch',
    blame: first?._tag === 'Mismatch' ? first.blame.map((b) => b.op) : [],
  }
})

const nasty = Object.entries(NASTY).map(([name, [f, at]]) => ({
  name,
  what: '',
  ours: E.isLeft(checkGrad(f as (...xs: Tensor[]) => unknown, [...at], { seed: 7 })),
  blame: [],
}))

console.log(JSON.stringify([...wrong, ...nasty]))
