import {
  add,
  type Graph,
  grad,
  jit,
  mul,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
} from '@cotangent/core'
import { accumulate, adam, chain, clipByGlobalNorm, schedule, step, type Transform } from '@cotangent/optim'
import { expect, test } from 'vitest'

// Seven micro-steps by threes with gradients of which one is NaN, against the inner optimiser on means made by hand.

const EVERY = 3
const d = (x: readonly number[]): Tensor => tensor([...x], { dtype: 'float64' })
const start = { w: d([1, -2]), b: d([0.5]) }
type Params = typeof start
const BAD = 4
/** The gradient of micro-step i; it depends on the parameters, so that an early update would be seen. */
const gradient = (p: Params, i: number): Params => ({
  w: i === BAD ? d([Number.NaN, 1]) : add(p.w, d([0.25 * i, 1 - i])),
  b: square(add(p.b, i)),
})
const inner = (lr: Tensor | number) =>
  chain(
    clipByGlobalNorm(4),
    adam({ learningRate: lr, b1: schedule.linear({ from: 0.5, to: 0.9, steps: 4 }) }),
  )

const byHand = (lr: Tensor | number, micro: number): Params => {
  const optimizer = inner(lr)
  let [params, state, seen] = [start, optimizer.init(start), [] as Params[]]
  for (let i = 0; i < micro; i++) {
    if (i !== BAD) seen.push(gradient(params, i))
    if ((i + 1) % EVERY !== 0) continue
    const mean = tree.map(
      (...gs: Tensor[]) =>
        mul(
          gs.reduce((a, b) => add(a, b)),
          1 / gs.length,
        ),
      ...(seen as [Params]),
    ) as Params
    ;({ params, state } = step(optimizer, params, mean, state))
    seen = []
  }
  return params
}
const accumulated = (lr: Tensor | number, micro: number): Params => {
  const optimizer = accumulate(inner(lr), { every: EVERY })
  let [params, state] = [start, optimizer.init(start)]
  for (let i = 0; i < micro; i++) ({ params, state } = step(optimizer, params, gradient(params, i), state))
  return params
}
const numbers = (t: unknown): number[] => tree.leaves(t).flatMap((x) => [...x.toTypedArray()])
const expectClose = (got: unknown, want: unknown): void => {
  expect(numbers(got)).toEqual(numbers(want).map((x) => expect.closeTo(x, 12)))
}

test.each([2, 3, 6, 7])('%i micro-steps are the steps of the means', (micro) => {
  expectClose(accumulated(0.1, micro), byHand(0.1, micro))
})

test('compiled, too', () => {
  expectClose(jit((lr: Tensor) => accumulated(lr, 7))(d([0.1])), byHand(0.1, 7))
})

test('over a batch of learning rates, each with its own outcome', () => {
  const lrs = [0.05, 0.1, 0.3]
  const together = vmap((lr: Tensor) => accumulated(lr, 7))(d(lrs))
  const each = tree.map((...xs: Tensor[]) => stack(xs), ...(lrs.map((lr) => byHand(lr, 7)) as [Params]))
  expectClose(together, each)
})

test('where some of a batch are due and others not', () => {
  const optimizer = accumulate(inner(0.1), { every: EVERY })
  const after = (micro: number) => {
    let state = optimizer.init(start)
    for (let i = 0; i < micro; i++)
      state = optimizer.update(gradient(start, i), state, { params: start }).state
    return state
  }
  const states = [after(1), after(2)]
  const move = (state: (typeof states)[0]) => {
    const { updates, state: next } = optimizer.update(gradient(start, 2), state, { params: start })
    return { updates, next }
  }
  const both = tree.map((...xs: Tensor[]) => stack(xs), ...(states as [(typeof states)[0]]))
  const each = tree.map((...xs: Tensor[]) => stack(xs), ...(states.map(move) as [ReturnType<typeof move>]))
  expectClose(vmap(move)(both as (typeof states)[0]), each)
})

test('the derivative by the learning rate goes through the updates', () => {
  const loss = (f: typeof byHand) => (lr: Tensor) => {
    const { w, b } = f(lr, 7)
    return add(sum(square(sub(w, d([0.5, 3])))), sum(b)) as Tensor
  }
  const lr = tensor(0.1, { dtype: 'float64' })
  const slope = grad(loss(byHand))(lr)
  expect(Math.abs(slope.item())).toBeGreaterThan(0.1)
  expectClose(grad(loss(accumulated))(lr), slope)
  expectClose(grad(jit(loss(accumulated)))(lr), slope)
})

test('between updates the inner transform is not computed', () => {
  const optimizer: Transform<unknown> = accumulate(adam({ learningRate: 0.1 }), { every: EVERY })
  const once = jit((g: Params, s: unknown) => {
    const { updates, state, info } = optimizer.update(g, s, { params: start })
    return { updates, state, rate: info.learningRate }
  })
  const { ir }: Graph = once.graph(start, optimizer.init(start))
  const outside = ir.nodes.map((n) => n.op.name)
  expect(outside.filter((name) => name === 'cond')).toEqual(['cond'])
  expect(outside).not.toContain('sqrt')
  const plain = jit(
    (g: Params, s: ReturnType<ReturnType<typeof adam>['init']>) =>
      adam().update(g, s, { params: start }).updates,
  )
  expect(plain.graph(start, adam().init(start)).ir.nodes.map((n) => n.op.name)).toContain('sqrt')
})
