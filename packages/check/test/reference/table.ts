import { readFileSync } from 'node:fs'

/** One function and who refuses it, as peers.py stores it. */
export interface PeerRow {
  readonly kind: 'wrong' | 'nasty'
  readonly name: string
  readonly what: string
  readonly ours: boolean
  readonly blame: readonly string[]
  readonly torchSlow: boolean
  readonly torchFast: boolean
  readonly jax: boolean
}

export const PEERS = JSON.parse(readFileSync(new URL('./peers.json', import.meta.url), 'utf8')) as {
  readonly versions: { readonly torch: string; readonly jax: string }
  readonly rows: readonly PeerRow[]
}

const WHO = ['ours', 'torchSlow', 'torchFast', 'jax'] as const
const HEAD = ['`@cotangent/check`', '`gradcheck`', '`gradcheck`, fast', '`check_grads`']

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const grid = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const width = head.map((h, i) => Math.max(h.length, 3, ...rows.map((r) => r[i]!.length)))
  const padded = (cells: readonly string[]): string => line(cells.map((c, i) => c.padEnd(width[i]!)))
  return [padded(head), line(width.map((w) => '-'.repeat(w))), ...rows.map(padded)].join('\n')
}

const of = (kind: PeerRow['kind']): readonly PeerRow[] => PEERS.rows.filter((r) => r.kind === kind)

/** How many wrong rules each caught and missed, and how many correct functions each refused. */
export const summary = (): string => {
  const [wrong, nasty] = [of('wrong'), of('nasty')]
  const caught = WHO.map((w) => wrong.filter((r) => r[w]).length)
  return grid(
    ['', ...HEAD],
    [
      [`of ${wrong.length} wrong rules caught`, ...caught.map(String)],
      ['missed', ...caught.map((n) => String(wrong.length - n))],
      [
        'blamed on the right operation',
        String(wrong.filter((r) => r.blame.join() === r.name).length),
        '-',
        '-',
        '-',
      ],
      [
        `of ${nasty.length} correct functions refused`,
        ...WHO.map((w) => String(nasty.filter((r) => r[w]).length)),
      ],
    ],
  )
}

/** The wrong rules that somebody misses. */
export const missed = (): string =>
  grid(
    ['rule', 'what is wrong', ...HEAD],
    of('wrong')
      .filter((r) => WHO.some((w) => !r[w]))
      .map((r) => [`\`${r.name}\``, r.what, ...WHO.map((w) => (r[w] ? 'caught' : '**missed**'))]),
  )

/** The correct functions that somebody refuses. */
export const refused = (): string =>
  grid(
    ['correct function', ...HEAD],
    of('nasty')
      .filter((r) => WHO.some((w) => r[w]))
      .map((r) => [r.name.replaceAll('|', '\\|'), ...WHO.map((w) => (r[w] ? '**refused**' : 'passed'))]),
  )
