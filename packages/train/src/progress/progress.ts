import type { Callback } from '../fit/callback.js'

/** Where the bar is drawn; `process.stderr` is one. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
}

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** Default: `process.stderr`, so that what a program prints stays clean. */
  readonly stream?: ProgressStream
}

const FORMAT = '{bar} epoch {epoch}/{epochs}  loss {loss}{validation}  {rate} steps/s  {eta_formatted} left'
const number = (x: number): string => x.toPrecision(4)

/**
 * A bar in the terminal: the epoch, the loss, the rate and the time left (cli-progress). Quiet where the stream is not a
 * terminal: in a pipe, a file, a test.
 *
 * @example
 * progress().name // => 'progress'
 */
export const progress = ({ stream }: ProgressOptions = {}): Callback => {
  type Bar = import('cli-progress').SingleBar
  let bar: Bar | undefined
  let [perEpoch, began, from, validation] = [0, 0, 0, '']
  return {
    name: 'progress',
    async onStart({ epochs, steps, from: done }) {
      const out = stream ?? globalThis.process?.stderr
      if (out?.isTTY !== true) return
      const { default: cli } = await import('cli-progress')
      perEpoch = steps ?? 0
      began = performance.now()
      from = done.step
      const [total, at] = steps === undefined ? [epochs, done.epoch] : [epochs * steps, done.step]
      bar = new cli.SingleBar(
        { format: FORMAT, stream: out, hideCursor: true, clearOnComplete: false, etaBuffer: 50 },
        cli.Presets.shades_classic,
      )
      bar.start(total, at, { epoch: done.epoch + 1, epochs, loss: '-', validation: '', rate: '-' })
    },
    onStep({ epoch, step, meanLoss }) {
      if (bar === undefined) return
      const rate = ((step - from) * 1000) / (performance.now() - began)
      const payload = { epoch, loss: number(meanLoss()), validation, rate: rate.toPrecision(3) }
      if (perEpoch > 0) bar.update(step, payload)
      else bar.update(payload)
    },
    onEpoch({ epoch, validation: measured, loss }) {
      if (measured !== undefined) validation = `  validation ${number(measured.loss)}`
      if (perEpoch === 0) bar?.update(epoch, { loss: number(loss), validation })
      return undefined
    },
    onEnd() {
      bar?.stop()
      bar = undefined
    },
  }
}
