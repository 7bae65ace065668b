import { CotangentError } from '@cotangent/core'
import type { Epoch, Step } from './epoch.js'
import type { FitOptions } from './options.js'
import { run } from './run.js'

/** A run of training. Nothing happens until it is iterated; each iteration is a run of its own. */
export interface Fit<P, S, O> extends AsyncIterable<Epoch<P, S, O>> {
  /** The same run, one step at a time. */
  steps(): AsyncIterable<Step>
  /** Runs to the end; the last epoch. */
  last(): Promise<Epoch<P, S, O>>
}

/**
 * Trains a model: minimises loss + penalty over its parameters, one pass over the data after another. Each step is one
 * compiled call (forward, backward, penalties, update) that the state is donated to. Everything random follows from
 * `key`, so the same options give the same run, and `resume` takes a run up where it was left, in the middle of an epoch
 * too, bit for bit.
 *
 * Leaving the loop ends the run; an aborted `signal` throws its reason from the loop.
 *
 * @throws CotangentError where data, model and options do not fit together, before the first step.
 * @example
 * const x = random.normal(random.key(0), [64, 3])
 * const y = matmul(x, tensor([[1], [-2], [0]]))
 * const model = dense(1)
 * const run = fit({
 *   model, loss: loss.mse, penalty: l1(0.1), optimizer: sgd({ learningRate: 0.1 }),
 *   data: dataset.fromArrays(x, y), batchSize: 16, epochs: 20, key: random.key(1),
 * })
 * for await (const epoch of run) if (epoch.gradientHealth.verdict === 'exploding') break
 * const { state, penalties } = await run.last()
 * state.params.kernel.toTypedArray()[2] // => 0
 * penalties.map((row) => row.term) // => ['l1(0.1)']
 */
export const fit = <P, S, O>(options: FitOptions<P, S, O>): Fit<P, S, O> => {
  async function* epochs() {
    for await (const event of run(options, false)) if (event.kind === 'epoch') yield event.epoch
  }
  async function* steps() {
    for await (const event of run(options, true)) if (event.kind === 'step') yield event.step
  }
  return {
    [Symbol.asyncIterator]: epochs,
    steps,
    async last() {
      let last: Epoch<P, S, O> | undefined
      for await (const epoch of epochs()) last = epoch
      if (last !== undefined) return last
      throw new CotangentError(
        'Value',
        'fit: the state to resume is of a run that is over, so there is no epoch to wait for. Use its parameters, or raise epochs.',
        { op: 'fit' },
      )
    },
  }
}
