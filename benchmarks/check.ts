import { checkGrad } from '@cotangent/check'
import { add, matmul, mean, random, square, sub, type Tensor, tanh } from '@cotangent/core'
import * as E from 'fp-ts/lib/Either.js'

// How long a check of a loss takes by its number of parameters: a network of two layers, batch of 8, in float64.

const normal = (seed: number, ...shape: number[]): Tensor =>
  random.normal(random.key(seed), shape, { dtype: 'float64' }) as Tensor

/** Widths of input and hidden layer with inputs·hidden + 2·hidden + 1 parameters, about as many as asked for. */
const SIZES = [
  { inputs: 2, hidden: 2 },
  { inputs: 8, hidden: 10 },
  { inputs: 23, hidden: 40 },
  { inputs: 98, hidden: 100 },
]

console.log('parameters  order  seconds  compared with  verdict')
for (const { inputs, hidden } of SIZES)
  for (const order of [1, 2] as const) {
    const [x, y] = [normal(1, 8, inputs), normal(2, 8)]
    const params = { w: normal(3, inputs, hidden), b: normal(4, hidden), v: normal(5, hidden), c: normal(6) }
    const loss = ({ w, b, v, c }: typeof params): Tensor =>
      mean(square(sub(add(matmul(tanh(add(matmul(x, w), b)), v), c), y))) as Tensor
    const start = process.cpuUsage()
    const found = checkGrad(loss, [params], {
      seed: 1,
      order,
      onProgress: ({ law, done, of }) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${done}/${of} ${law.padEnd(20)}`)
      },
    })
    // Processor time: the figure of a machine that does nothing else.
    const { user, system } = process.cpuUsage(start)
    const seconds = (user + system) / 1e6
    const count = inputs * hidden + 2 * hidden + 1
    const verdict = E.isRight(found)
      ? `right, would see ${found.right.mde.toExponential(0)}`
      : found.left[0]._tag
    const oracle = E.isRight(found) ? found.right.oracle : ''
    console.log(
      `${String(count).padStart(10)}  ${String(order).padStart(5)}  ${seconds.toFixed(2).padStart(7)}  ${oracle.padEnd(13)}  ${verdict}`,
    )
  }
