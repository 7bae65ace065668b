import { CotangentError, Tensor } from '@cotangent/core'
import { fromData } from '@cotangent/core/internal'
import { type Batch, copyOf, type Picked } from '../data/batches.js'
import { type Begun, begin } from './begin.js'
import type { Epoch, Step } from './epoch.js'
import { evaluator } from './evaluate.js'
import type { FitOptions } from './options.js'
import { copied, type TrainState } from './state.js'
import { type Carry, compileStep, type Given, noSums } from './step.js'
import { summarise } from './summary.js'
import { type Watch, watch } from './watch.js'

const isPicked = (given: Batch | Picked): given is Picked =>
  'whole' in given && !(given.whole instanceof Tensor)

const unpacked = ({ whole, rows }: Picked): Given =>
  rows === undefined ? { whole } : { whole, rows: fromData(rows, [rows.length], 'int32') }

/** What changes while a run goes on. Everything else about it is in its options. */
export class Session<P, S, O> {
  readonly watching: Watch
  /** Epochs completed, and batches taken of the running one. */
  epoch: number
  batch: number
  #carry: Carry<P, S, O> | undefined
  #begun: Begun<P, S, O> | undefined
  #advance: ReturnType<typeof compileStep<P, S, O>> | undefined
  #measure: ReturnType<typeof evaluator<P, S>> | undefined
  #final: TrainState<P, S, O> | undefined
  /** The sums before the latest step. */
  #before = { data: 0, count: 0 }

  readonly #tracks: boolean

  constructor(
    readonly options: FitOptions<P, S, O>,
    withSteps: boolean,
  ) {
    const { resume, callbacks = [] } = options
    this.watching = watch(callbacks, resume?.memories)
    this.#tracks = withSteps || this.watching.wantsSteps
    this.epoch = resume?.epoch ?? 0
    this.batch = resume?.batch ?? 0
  }

  get key() {
    return this.options.resume?.key ?? this.options.key
  }

  /** Makes ready for the first step; a batch tells the shape of the input. */
  prepare(given: Batch | Picked): void {
    if (this.#begun !== undefined) return
    this.#begun = begin(this.options, isPicked(given) ? copyOf(given) : given)
    this.#carry = this.#begun.carry
    this.#advance = compileStep(this.options, this.#begun.plan)
  }

  /** One step. */
  take(given: Batch | Picked): void {
    // Read only where somebody looks at single steps: the numbers live in the memory of the program.
    if (this.#tracks) {
      const { data, count } = this.#carry!.sums
      this.#before = { data: data.item(), count: count.item() }
    }
    this.#carry = this.#advance!(this.#carry!, isPicked(given) ? unpacked(given) : { whole: given })
    this.batch++
    this.#final = undefined
  }

  /** What the latest step came to. */
  step(batches: number | undefined): Step {
    const { sums, step } = this.#carry!
    const { data, count } = this.#before
    return {
      epoch: this.epoch + 1,
      step: step.item(),
      batch: this.batch,
      ...(batches !== undefined && { batches }),
      loss: (sums.data.item() - data) / (sums.count.item() - count),
    }
  }

  /** The mean loss of the epoch so far. */
  meanLoss(): number {
    const { data, count } = this.#carry!.sums
    return data.item() / count.item()
  }

  /** A state to go on from. */
  state(): TrainState<P, S, O> {
    if (this.#final !== undefined) return this.#final
    if (this.#carry === undefined) {
      if (this.options.resume !== undefined) return this.options.resume
      throw new CotangentError('Value', 'fit: the run ended before its first batch, so there is no state.', {
        op: 'fit',
      })
    }
    const { step, ...rest } = copied(this.#carry)
    const { epoch, batch, watching } = this
    return { ...rest, step: step.item(), epoch, batch, memories: watching.memories() }
  }

  /** Closes an epoch: measures, tells the callbacks, and puts back what they ask for where the run is over. */
  async finishEpoch(started: number): Promise<Epoch<P, S, O>> {
    const { options, watching } = this
    const { validation, epochs } = options
    const begun = this.#begun!
    const summary = summarise(options, begun, this.#carry!, this.batch)
    const { terms, metrics } = this.#carry!.sums
    this.#carry = { ...this.#carry!, sums: noSums(begun.paths.length, terms.length, metrics.length) }
    this.epoch++
    this.batch = 0
    const state = this.state()
    if (validation !== undefined) this.#measure ??= evaluator(options)
    const measured = await this.#measure?.(state.params, state.layers, validation!, this.key)
    const seen: Epoch<P, S, O> = {
      ...summary,
      epoch: this.epoch,
      epochs,
      seconds: (performance.now() - started) / 1000,
      ...(measured && { validation: measured }),
      state,
    }
    const stopped = await watching.epoch(seen)
    const over = stopped !== undefined || this.epoch >= epochs
    const why = stopped !== undefined && { stopped }
    const back = over
      ? (watching.restored() as Pick<TrainState<P, S, O>, 'params' | 'layers'> | undefined)
      : undefined
    this.#final = { ...state, ...back, memories: watching.memories(), ...why }
    const final = { ...seen, state: this.#final, ...why }
    await watching.state(final)
    return final
  }
}
