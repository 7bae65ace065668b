import { writeAtomically } from '../checkpoint/atomic.js'
import type { Callback, RunEnd } from '../fit/callback.js'
import { type EpochRow, rowOf } from './history.js'
import { renderReport } from './render.js'

/** Options of {@link report}. */
export interface ReportOptions {
  /** Where the HTML goes. */
  readonly file: string
  /** Default: `Training report`. */
  readonly title?: string
}

const ENDINGS: Readonly<Record<RunEnd['how'], string>> = {
  finished: 'All epochs were run.',
  stopped: 'Stopped early.',
  aborted: 'Aborted.',
  left: 'The loop was left.',
  failed: 'Ended by an error.',
}

/**
 * Writes a report of the run when it ends, however it ends: one HTML file that loads nothing from elsewhere, with
 * learning curves, penalty terms, sparsity, gradient norms by layer and histograms of the weights, drawn by ECharts.
 *
 * @example
 * report({ file: 'run.html' }).name // => 'report'
 */
export const report = ({ file, title = 'Training report' }: ReportOptions): Callback<readonly EpochRow[]> => {
  let why: string | undefined
  return {
    name: 'report',
    start: [],
    onEpoch: (epoch, rows) => ({ memory: [...rows, rowOf(epoch)] }),
    onState: ({ stopped }) => {
      why = stopped
    },
    async onEnd({ how, state }, rows) {
      const ending = why === undefined ? ENDINGS[how] : `${ENDINGS[how]} ${why}.`
      const params = rows.length > 0 ? state().params : {}
      const html = await renderReport({ title, rows, params, ending })
      await writeAtomically(file, new TextEncoder().encode(html))
    },
  }
}
