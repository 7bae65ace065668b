import type { Peer } from './peers.js'
import type { Row } from './task.js'
import { WorkerProcess } from './workerProcess.js'

/** What one peer achieved in one row. */
export type Result =
  | { readonly kind: 'time'; readonly seconds: number; readonly samples: number }
  /** It has no such thing, it failed, or it computes something else. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'void'; readonly why: string }

export interface Settings {
  /** Seconds of measuring for each peer and row. */
  readonly budget: number
  readonly rounds: number
  /** Seconds that one answer may take. */
  readonly limit: number
  /** The best call instead of the median: for a machine that others use too. */
  readonly best: boolean
  readonly environment: NodeJS.ProcessEnv
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!

/** Do two peers compute the same? To three digits of the larger numbers among them. */
const differs = (ours: readonly number[], theirs: readonly number[]): string | undefined => {
  if (ours.length !== theirs.length) return `${theirs.length} numbers beside ${ours.length}`
  const size = Math.max(1e-3, ...ours.map(Math.abs))
  const i = ours.findIndex((x, k) => !(Math.abs(x - theirs[k]!) <= 1e-3 * Math.max(Math.abs(x), 0.1 * size)))
  return i < 0 ? undefined : `${theirs[i]!.toPrecision(5)} beside ${ours[i]!.toPrecision(5)}`
}

interface Runner {
  readonly peer: Peer
  readonly threads: number
  readonly worker: WorkerProcess
  readonly times: number[]
  result?: Result
  check?: readonly number[]
}

const none: Result = { kind: 'none' }

/** Reads the answer of a worker; a result that is final is kept. */
const follow = (runner: Runner, answer: Awaited<ReturnType<WorkerProcess['answer']>>): void => {
  if (answer.absent) runner.result = none
  else if (answer.failed !== undefined) runner.result = { kind: 'failed', why: answer.failed }
  else {
    if (answer.check) runner.check ??= answer.check
    runner.times.push(...(answer.times ?? []))
  }
}

/** Slow peers need no further rounds: what they have taken so far says enough. */
const longEnough = (runner: Runner | undefined, { budget }: Settings): boolean =>
  (runner?.times ?? []).some((time) => time > budget)

/** How many threads a row is measured with, by peers that can. */
const threadsOf = (peer: Peer, row: Row): readonly number[] =>
  row.threads && peer.manyThreads ? [1, 2] : [1]

const start = (peers: readonly Peer[], row: Row, settings: Settings): Runner[] =>
  peers.flatMap((peer) => {
    const { command } = peer
    return typeof command === 'string' || !(peer.ours || (row.peers?.includes(peer.id) ?? true))
      ? []
      : threadsOf(peer, row).map((threads) => ({
          peer,
          threads,
          worker: new WorkerProcess(command, row, threads, settings.environment),
          times: [],
        }))
  })

/** The first calls of fresh processes, one process after the other. */
const cold = async (peers: readonly Peer[], row: Row, settings: Settings) => {
  const all = new Map<string, Runner>()
  for (let round = 0; round < settings.rounds; round++)
    for (const peer of peers) {
      const before = all.get(peer.id)
      if (before?.result || longEnough(before, settings)) continue
      for (const runner of start([peer], row, settings)) {
        follow(runner, await runner.worker.answer(settings.limit))
        await runner.worker.end()
        runner.times.push(...(before?.times ?? []))
        all.set(peer.id, runner)
      }
    }
  return [...all.values()]
}

/** All peers wait in processes of their own, warm, and measure in turns; one thread beside two. */
const warm = async (peers: readonly Peer[], row: Row, settings: Settings) => {
  const runners = start(peers, row, settings)
  for (const runner of runners) follow(runner, await runner.worker.answer(settings.limit))
  for (let round = 0; round < settings.rounds; round++)
    for (const runner of runners)
      if (!runner.result && !longEnough(runner, settings))
        follow(runner, await runner.worker.measure(settings.budget / settings.rounds, settings.limit))
  await Promise.all(runners.map(({ worker }) => worker.end()))
  return runners
}

/** Results by peer, with one thread and with two. */
export interface Results {
  readonly one: ReadonlyMap<string, Result>
  readonly two: ReadonlyMap<string, Result>
}

/** One row by all peers: the median of all calls of all rounds. */
export const compare = async (peers: readonly Peer[], row: Row, settings: Settings): Promise<Results> => {
  const runners = await (row.cold ? cold : warm)(peers, row, settings)
  const reference = runners.find(({ peer, check }) => peer.ours && check)?.check
  const resultOf = ({ times, check, result }: Runner): Result => {
    if (result) return result
    const wrong = reference && check && differs(reference, check)
    if (wrong) return { kind: 'void', why: wrong }
    const seconds = settings.best ? Math.min(...times) : median(times)
    return { kind: 'time', seconds, samples: times.length }
  }
  const by = (n: number) =>
    new Map(
      runners
        .filter(({ threads }) => threads === n)
        .map((runner): [string, Result] => [runner.peer.id, resultOf(runner)]),
    )
  return { one: by(1), two: by(2) }
}
