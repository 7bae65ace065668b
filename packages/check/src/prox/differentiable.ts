import { Tensor } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'
import { checkGrad } from '../checkGrad.js'
import { render } from '../report/render.js'
import type { Broken, ProxLaw } from './claim.js'

const onlyTensors = (x: unknown): boolean =>
  x instanceof Tensor || (typeof x === 'object' && x !== null && Object.values(x).every(onlyTensors))

/** A prox that is a function of tensors is differentiated like any other, where it has no kink. */
export const differentiable: ProxLaw = (k) => {
  if (!onlyTensors(k.given && k.at.rebuild(k.at.data))) return 'it is no function of tensors'
  const prox = k.given.prox as (x: unknown, step: number) => unknown
  let cases = 0
  for (const x of k.points.slice(0, 2))
    for (const step of k.steps) {
      const found = checkGrad((z: unknown) => prox(z, step), [k.at.rebuild(x)], { seed: 1, atKinks: 'skip' })
      cases++
      const first = E.isLeft(found) ? found.left.find((f) => f._tag !== 'Inconclusive') : undefined
      if (first) return { text: render(first), x, step } satisfies Broken
    }
  return cases
}
