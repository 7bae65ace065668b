import { adam, sgd } from '@cotangent/optim'
import { l1, l2, none, norm2 } from '@cotangent/regularize'
import { Listr } from 'listr2'
import { type Result, run } from './run.js'
import { table } from './table.js'

const optimizers = {
  SGD: sgd({ learningRate: 0.1, momentum: 0.9 }),
  Adam: adam({ learningRate: 0.003 }),
}
const penalties = {
  none,
  'L1  λΣ|w|': l1(3e-3),
  'L2  λ/2·Σw²': l2(1e-2),
  'L2  λ·√Σw²': norm2(1e-1),
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`
const results: (readonly [string, string, Result])[] = []

const runs = Object.entries(optimizers).flatMap(([optimizer, transform]) =>
  Object.entries(penalties).map(([penalty, functional]) => ({
    title: `${optimizer}, ${penalty}`,
    task: async (_: unknown, task: { title: string; output: string }) => {
      const training = run(transform as Parameters<typeof run>[0], functional)
      for (;;) {
        const { done, value } = await training.next()
        if (done) {
          results.push([optimizer, penalty, value])
          task.title = `${task.title}: ${percent(value.testAccuracy)} of the test digits right`
          return
        }
        if (process.stdout.isTTY)
          task.output = `epoch ${value.epoch}/${value.epochs}  loss ${value.loss.toFixed(4)}`
        // The terminal is drawn between epochs.
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  })),
)

console.log('Hand-written digits, 8x8 pixels: 1,437 to train, 360 to test. A network of 64-32-10 units.\n')
await new Listr(runs, { concurrent: false }).run()

const head = ['optimiser', 'penalty', 'train', 'test', 'R(w)', '‖w‖', 'zeros', 'seconds']
const rows = results.map(([optimizer, penalty, r]) => [
  optimizer,
  penalty,
  percent(r.trainAccuracy),
  percent(r.testAccuracy),
  r.penalty.toFixed(3),
  r.norm.toFixed(2),
  percent(r.zeros),
  r.seconds.toFixed(1),
])
console.log(`\n${table(head, rows)}\n`)
