import type { Result } from './compare.js'
import type { Peer } from './peers.js'
import type { Row } from './task.js'

export type Results = ReadonlyMap<string, ReadonlyMap<string, Result>>

/** A table of Markdown with its columns aligned. */
export const markdown = (head: readonly string[], body: readonly (readonly string[])[]): string => {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((cells) => cells[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head), `| ${widths.map((n) => '-'.repeat(n)).join(' | ')} |`, ...body.map(line)].join('\n')
}

const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(x >= 10 ? 3 : 2))

/** A time in the unit that suits it. */
export const duration = (seconds: number): string =>
  seconds >= 1e-3
    ? `${digits(seconds * 1e3)} ms`
    : seconds >= 1e-6
      ? `${digits(seconds * 1e6)} µs`
      : `${digits(seconds * 1e9)} ns`

export const secondsOf = (result: Result | undefined): number | undefined =>
  result?.kind === 'time' ? result.seconds : undefined

/** A time with how many times ours it is. */
export const cell = (result: Result | undefined, ours: number | undefined): string => {
  if (!result || result.kind === 'none') return '–'
  if (result.kind === 'failed') return 'fails'
  if (result.kind === 'void') return 'differs'
  const { seconds } = result
  return duration(seconds) + (ours === undefined ? '' : ` (${digits(seconds / ours)})`)
}

/** How fast the arithmetic or the memory is at this time. */
export const rate = ({ flops, bytes }: Row, seconds: number | undefined): string => {
  if (seconds === undefined) return ''
  if (flops !== undefined) return `${digits(flops / seconds / 1e9)} GFLOP/s`
  return bytes === undefined ? '' : `${digits(bytes / seconds / 1e9)} GB/s`
}

/** The rows by the peers, each with its ratio to the first column. */
export const comparison = (
  rows: readonly Row[],
  peers: readonly Peer[],
  results: Results,
  share: (row: Row, seconds: number) => string,
): string =>
  markdown(
    ['row', ...peers.map(({ title }) => title), 'rate', 'of the limit'],
    rows.map((row) => {
      const found = results.get(row.id)
      const ours = secondsOf(found?.get(peers[0]!.id))
      return [
        row.title,
        ...peers.map(({ id }, i) => cell(found?.get(id), i === 0 ? undefined : ours)),
        rate(row, ours),
        ours === undefined ? '' : share(row, ours),
      ]
    }),
  )

/** Where a peer is faster than the first column, the largest difference first. */
export const slower = (rows: readonly Row[], peers: readonly Peer[], results: Results): string => {
  const found = rows.flatMap((row) => {
    const of = results.get(row.id)
    const ours = secondsOf(of?.get(peers[0]!.id))
    const ahead = peers.flatMap((peer) => {
      const seconds = secondsOf(of?.get(peer.id))
      return !peer.ours && ours !== undefined && seconds !== undefined && seconds < ours
        ? [{ peer: peer.title, ratio: ours / seconds }]
        : []
    })
    return ahead.length === 0 ? [] : [{ row, ahead, most: Math.max(...ahead.map(({ ratio }) => ratio)) }]
  })
  return found
    .sort((a, b) => b.most - a.most)
    .map(
      ({ row, ahead, most: _ }) =>
        `- ${row.title}: ${ahead.map(({ peer, ratio }) => `${peer} ${digits(ratio)} times`).join(', ')}.${row.reason ? ` ${row.reason}` : ''}`,
    )
    .join('\n')
}

/** Without the directories of this machine. */
const withoutPlaces = (text: string): string => text.replace(/(?:[\w.@+-]*\/)+/g, '')

/** What failed, or computed something else, and why. */
export const troubles = (rows: readonly Row[], peers: readonly Peer[], results: Results): string =>
  rows
    .flatMap((row) =>
      peers.flatMap(({ id, title }) => {
        const result = results.get(row.id)?.get(id)
        if (result?.kind === 'failed')
          return [`- ${row.title}, ${title} fails: ${withoutPlaces(result.why).slice(0, 160)}`]
        if (result?.kind === 'void') return [`- ${row.title}, ${title} differs: ${result.why}`]
        return []
      }),
    )
    .join('\n')
