import { CotangentError } from '@cotangent/core'
import { epochKey, type Source, sourceOf } from '../data/batches.js'
import { breathing } from './breath.js'
import type { RunEnd } from './callback.js'
import type { Epoch, Step } from './epoch.js'
import type { FitOptions } from './options.js'
import { Session } from './session.js'

/** What happens in a run. */
export type Event<P, S, O> =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'epoch'; readonly epoch: Epoch<P, S, O> }

const refuse = (text: string): never => {
  throw new CotangentError('Value', `fit: ${text}`, { op: 'fit' })
}

const iterate = (source: Source, at: Parameters<Source['batches']>[0]) => {
  const batches = source.picks?.(at) ?? source.batches(at)
  return Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]()
}

/** The batches of an epoch, one step each. A resumed epoch goes on behind the batches that it has seen. */
async function* stepsOf<P, S, O>(
  session: Session<P, S, O>,
  source: Source,
  breathe: () => Promise<void> | undefined,
) {
  const { epoch, key, options, watching } = session
  const { steps } = source
  const batches = iterate(source, { epoch: epoch + 1, key: epochKey(key, epoch + 1) })
  let skip = session.batch
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const given = batches.next()
      const { done, value } = given instanceof Promise ? await given : given
      if (done) break
      session.prepare(value)
      if (skip-- > 0) continue
      session.take(value)
      if (watching.wantsSteps)
        await watching.step({
          ...session.step(steps),
          meanLoss: () => session.meanLoss(),
          state: () => session.state(),
        })
      yield
      const pause = breathe()
      if (pause !== undefined) await pause
    }
  } finally {
    await batches.return?.()
  }
  if (session.batch === 0) refuse(`epoch ${epoch + 1} has no batches. Is the data empty?`)
}

/** A run, one event after another; single steps only where they are wanted. */
export async function* run<P, S, O>(
  options: FitOptions<P, S, O>,
  withSteps: boolean,
): AsyncGenerator<Event<P, S, O>, void> {
  const { epochs, resume } = options
  if (!Number.isInteger(epochs) || epochs < 1) refuse(`epochs is ${epochs}. Give a positive integer.`)
  const source = sourceOf('fit', options.data, { size: options.batchSize ?? 32 })
  const session = new Session(options, withSteps)
  const { watching } = session
  if (resume?.stopped !== undefined || session.epoch >= epochs) return
  const breathe = breathing()
  let how: RunEnd['how'] = 'left'
  try {
    await watching.start({
      epochs,
      ...(source.steps !== undefined && { steps: source.steps }),
      from: { epoch: session.epoch, step: resume?.step ?? 0 },
    })
    while (session.epoch < epochs) {
      const started = performance.now()
      for await (const _ of stepsOf(session, source, breathe))
        if (withSteps) yield { kind: 'step', step: session.step(source.steps) }
      const epoch = await session.finishEpoch(started)
      if (epoch.stopped !== undefined) how = 'stopped'
      else if (session.epoch >= epochs) how = 'finished'
      yield { kind: 'epoch', epoch }
      if (epoch.stopped !== undefined) return
    }
  } catch (error) {
    how = options.signal?.aborted === true ? 'aborted' : 'failed'
    throw error
  } finally {
    await watching.end({ how, state: () => session.state() })
  }
}
