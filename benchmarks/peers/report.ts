import type { Result, Settings } from './compare.js'
import type { Peer } from './peers.js'
import { LIMITS } from './rows.js'
import {
  cell,
  comparison,
  duration,
  markdown,
  type Results,
  rate,
  secondsOf,
  slower,
  troubles,
} from './table.js'
import type { Row } from './task.js'

export interface Measured {
  readonly peers: readonly Peer[]
  readonly rows: readonly Row[]
  readonly machine: string
  readonly settings: Settings
  readonly limits: Results
  readonly one: Results
  readonly two: Results
}

const percent = (x: number): string => `${(100 * x).toFixed(0)} %`

/** The limits by the first column: operations or bytes in a second. */
const limitOf = (limits: Results, peer: Peer, id: string): number | undefined => {
  const row = LIMITS.find((r) => r.id === id)!
  const seconds = secondsOf(limits.get(id)?.get(peer.id))
  return seconds === undefined ? undefined : (row.flops ?? row.bytes!) / seconds
}

/** What part of the arithmetic or of the memory limit a time is. */
const shareOf = (limits: Results, peer: Peer) => (row: Row, seconds: number) => {
  const { flops, bytes } = row
  const most =
    flops !== undefined
      ? limitOf(limits, peer, row.dtype === 'float64' ? 'peak64' : 'peak32')
      : Math.max(...['copy', 'triad', 'update'].map((id) => limitOf(limits, peer, id) ?? 0))
  const work = flops ?? bytes
  return work === undefined || !most ? '' : percent(work / seconds / most)
}

const limitTable = (peers: readonly Peer[], limits: Results): string => {
  const columns = peers.filter(({ id }) => LIMITS.some((row) => secondsOf(limits.get(row.id)?.get(id))))
  return markdown(
    ['limit', ...columns.map(({ title }) => title)],
    LIMITS.map((row) => [
      row.title,
      ...columns.map(({ id }) => rate(row, secondsOf(limits.get(row.id)?.get(id))) || '–'),
    ]),
  )
}

/** How close the update is to its own streams without any arithmetic, and to its arithmetic without any memory. */
const adam = (peers: readonly Peer[], limits: Results, one: Results): string => {
  const times = (seconds: number, bound: number): string =>
    `${(seconds / bound).toFixed(2)} times (${duration(bound)})`
  const line = (peer: Peer, id: string, streams: string, millions: number): string[] => {
    const seconds = secondsOf(one.get(id)?.get(peer.id))
    const bound = secondsOf(limits.get(streams)?.get(peer.id))
    const divider = secondsOf(limits.get('divider')?.get(peer.id))
    if (seconds === undefined || bound === undefined || divider === undefined) return []
    const [memory, arithmetic] = [times(seconds, bound), times(seconds, divider * millions)]
    return [
      `- ${peer.title}, ${millions}e6 parameters: ${duration(seconds)}; of the streams in place without arithmetic ${memory}, of the square roots and divisions without memory ${arithmetic}`,
    ]
  }
  const lines = peers.flatMap((peer) => [
    ...line(peer, 'adam', 'update', 1),
    ...line(peer, 'adam-large', 'update-large', 8),
  ])
  return lines.length === 0 ? '' : `The Adam update and its limits:\n\n${lines.join('\n')}`
}

const twoThreads = (peers: readonly Peer[], rows: readonly Row[], one: Results, two: Results): string => {
  const columns = peers.filter(({ manyThreads }) => manyThreads)
  const gain = (a: Result | undefined, b: Result | undefined): string => {
    const [x, y] = [secondsOf(a), secondsOf(b)]
    return x === undefined || y === undefined ? '' : `, gains ${(x / y).toFixed(2)}`
  }
  return markdown(
    ['row', ...columns.map(({ title }) => title)],
    rows
      .filter(({ id }) => two.has(id))
      .map(({ id, title }) => {
        const [before, now] = [one.get(id), two.get(id)]
        const ours = secondsOf(now?.get(columns[0]!.id))
        return [
          title,
          ...columns.map(
            (peer, i) =>
              cell(now?.get(peer.id), i === 0 ? undefined : ours) +
              gain(before?.get(peer.id), now?.get(peer.id)),
          ),
        ]
      }),
  )
}

/** The section of the README, without its heading. */
export const report = ({ peers, rows, machine, settings, limits, one, two }: Measured): string => {
  const present = peers.filter(({ command }) => typeof command !== 'string')
  const missing = peers.flatMap(({ title, command }) =>
    typeof command === 'string' ? [`${title}: ${command}`] : [],
  )
  const late = rows.filter(({ id }) => !one.has(id))
  if (present.length === 0) return 'Nothing to measure.'
  const section = (title: string, body: string): string => (body === '' ? '' : `${title}\n\n${body}`)
  return [
    `${machine}. One thread; ${settings.rounds} rounds in turn, ${settings.budget} s a row and peer, ${settings.best ? 'the best calls' : 'medians'}; in brackets how many times the first column it is, so that above 1 is slower than ${present[0]!.title}. ` +
      `The limit is that of WebAssembly in this run. –: it has no such thing.`,
    late.length === 0 ? '' : `Not measured in the time given: ${late.map(({ title }) => title).join('; ')}.`,
    missing.length === 0 ? '' : `Missing: ${missing.join('; ')}.`,
    comparison(
      rows.filter(({ id }) => one.has(id)),
      present,
      one,
      shareOf(limits, present[0]!),
    ),
    adam(present, limits, one),
    section(
      'With two threads, and what the second one gains:',
      two.size === 0 ? '' : twoThreads(present, rows, one, two),
    ),
    section('What the machine can do:', limitTable(present, limits)),
    section(`Where ${present[0]!.title} is slower, by how much, and why:`, slower(rows, present, one)),
    section('What did not work, or computed something else:', troubles(rows, present, one)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
