import type { Case, Claim, Outcome } from './case.js'
import { toCsv } from './raw.js'
import { inWords } from './verdict.js'

/** A table in Markdown, its columns as wide as what is in them: the first to the left, the others to the right. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left = 1,
): string => {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const [first, ...rest] = all.map((row) =>
    line(row.map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))),
  )
  const rule = line(widths.map((w, i) => (i < left ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)))
  return [first!, rule, ...rest].join('\n')
}

export const claimLines = (claims: readonly Claim[]): string =>
  claims
    .map(({ holds, text, measured }) => {
      const verdict = holds === true ? inWords(holds) : `**${inWords(holds)}**`
      return `- ${verdict}: ${text}. Measured: ${measured}.`
    })
    .join('\n')

/** A page with its statements judged anew. */
export const rejudged = (page: string, claims: readonly Claim[]): string =>
  page.replace(/^- (?:.*\n- )*.*$/m, () => claimLines(claims))

/** The page of a case, from what it came to. */
export const pageOf = (one: Case, { head, rows, figures, claims }: Outcome): string =>
  `${[
    `# ${one.id}: ${one.title}`,
    `**Claim.** ${one.claim}`,
    `**Setting.** ${one.setting}`,
    markdownTable(head, rows),
    ...Object.keys(figures).map((name) => `![${one.title}: ${name}](figures/${one.id}-${name}.svg)`),
    claimLines(claims),
    `**What to take from it.** ${one.lesson}`,
    `Raw numbers: [results/${one.id}.csv](results/${one.id}.csv).`,
  ].join('\n\n')}\n`

/** Writes the numbers, the figures and the page of a case; `write` is given paths beside `docs/cases`. */
export const save = (one: Case, outcome: Outcome, write: (path: string, text: string) => void): void => {
  write(`./results/${one.id}.csv`, toCsv(outcome.raw))
  for (const [name, svg] of Object.entries(outcome.figures))
    write(`./figures/${one.id}-${name}.svg`, `${svg}\n`)
  write(`./${one.id}.md`, pageOf(one, outcome))
}
