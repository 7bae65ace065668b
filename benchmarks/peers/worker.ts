// A process that runs one row of one JavaScript peer. It answers on its output, a line of JSON each time:
// {check} when ready, then {times} for each line of input, which says for how many seconds to measure.
// Arguments: the peer's module, the row as JSON, threads.
import { createInterface } from 'node:readline'
import { fill } from './data.js'
import type { Given, Kinds, Row, Task } from './task.js'

const [module, rowText, threadsText] = process.argv.slice(2)
const say = (answer: object): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

/** Seconds of one call, at least, for each of as many batches as fit into the time. */
const measure = async (task: Task, seconds: number, batch: number): Promise<number[]> => {
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  let asynchronous = false
  do {
    const from = performance.now()
    for (let i = 0; i < batch; i++) {
      const done = task.call()
      if (asynchronous || done instanceof Promise) {
        asynchronous = true
        await done
      }
    }
    times.push((performance.now() - from) / 1000 / batch)
  } while (performance.now() < end)
  return times
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!

const main = async (): Promise<void> => {
  const row = JSON.parse(rowText!) as Row
  const { kinds } = (await import(module!)) as { kinds: Kinds }
  const make = kinds[row.kind]
  if (!make) return say({ absent: true })
  const tensors = Object.fromEntries(
    Object.entries(row.tensors).map(([name, spec], seed) => [name, fill(seed, spec)]),
  )
  const option = (name: string): number => row.options?.[name] ?? Number.NaN
  const given: Given = { row, tensors, option, threads: Number(threadsText) }
  const task = await make(given)
  let batch = 1
  if (row.cold) {
    const [time] = await measure(task, 0, 1)
    say({ check: await task.check(), times: [time] })
    return
  }
  const from = performance.now()
  const check = await task.check()
  let once = (performance.now() - from) / 1000
  if (once < 2) once = median(await measure(task, 0.1, 1))
  if (once < 0.001) once = median(await measure(task, 0.3, Math.ceil(0.0002 / once)))
  batch = Math.max(1, Math.ceil(0.0002 / once))
  say({ check })
  for await (const line of createInterface({ input: process.stdin }))
    say({ times: await measure(task, Number(line), batch) })
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    process.exit(1)
  },
)
