import { CotangentError } from '@cotangent/core'
import type { Callback, Restored, RunEnd, RunInfo, StepInfo } from './callback.js'
import type { Epoch } from './epoch.js'
import type { Plain } from './state.js'

/** The callbacks of a run and what they remember. */
export interface Watch {
  readonly wantsSteps: boolean
  memories(): Readonly<Record<string, Plain>>
  start(run: RunInfo): Promise<void>
  step(info: StepInfo): Promise<void>
  /** Tells everyone of an epoch; why to stop, if somebody wants to. */
  epoch(epoch: Epoch): Promise<string | undefined>
  /** What somebody wants to put back. */
  restored(): Restored | undefined
  state(epoch: Epoch): Promise<void>
  end(end: RunEnd): Promise<void>
}

/** Names under which memories are kept: those of the callbacks, numbered where two have the same. */
const namesOf = (callbacks: readonly Callback[]): readonly string[] =>
  callbacks.map(({ name }, i) => {
    const before = callbacks.slice(0, i).filter((other) => other.name === name).length
    return before === 0 ? name : `${name} ${before + 1}`
  })

export const watch = (
  callbacks: readonly Callback[],
  saved: Readonly<Record<string, Plain>> | undefined,
): Watch => {
  const names = namesOf(callbacks)
  const unknown = Object.keys(saved ?? {}).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new CotangentError(
      'Value',
      `fit: the state to resume has the memory of ${unknown}, which is not among the callbacks (${names.join(', ') || 'none'}). Give the callbacks it was saved with.`,
      { op: 'fit' },
    )
  const memories = callbacks.map(({ start }, i) =>
    saved !== undefined && names[i]! in saved ? saved[names[i]!] : start,
  )
  const tellAll = async (tell: (callback: Callback, memory: Plain) => unknown): Promise<void> => {
    for (const [i, callback] of callbacks.entries()) await tell(callback, memories[i])
  }
  return {
    wantsSteps: callbacks.some(({ onStep }) => onStep !== undefined),
    memories: () =>
      Object.fromEntries(
        names.flatMap((name, i) => (memories[i] === undefined ? [] : [[name, memories[i]]])),
      ),
    start: (run) => tellAll((callback, memory) => callback.onStart?.(run, memory)),
    step: (info) => tellAll((callback) => callback.onStep?.(info)),
    async epoch(epoch) {
      let why: string | undefined
      for (const [i, callback] of callbacks.entries()) {
        const reaction = await callback.onEpoch?.(epoch, memories[i])
        if (reaction === undefined) continue
        if ('memory' in reaction) memories[i] = reaction.memory
        why ??= reaction.stop
      }
      return why
    },
    restored: () => {
      for (const [i, callback] of callbacks.entries()) {
        const found = callback.restore?.(memories[i])
        if (found !== undefined) return found
      }
      return undefined
    },
    state: (epoch) => tellAll((callback, memory) => callback.onState?.(epoch, memory)),
    end: (end) => tellAll((callback, memory) => callback.onEnd?.(end, memory)),
  }
}
