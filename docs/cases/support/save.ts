import type { Case, Outcome } from './case.js'

const quoted = (cell: string | number): string => {
  const text = typeof cell === 'number' ? String(Number(cell.toPrecision(10))) : cell
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
const row = (cells: readonly string[]): string =>
  `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`

/** The page of a case, from what it came to. */
export const pageOf = (one: Case, { head, rows, figures, claims }: Outcome): string =>
  `${[
    `# ${one.id}: ${one.title}`,
    `**Claim.** ${one.claim}`,
    `**Setting.** ${one.setting}`,
    [row(head), row(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(row)].join('\n'),
    ...Object.keys(figures).map((name) => `![${one.title}: ${name}](figures/${one.id}-${name}.svg)`),
    claims
      .map((c) => `- ${c.holds ? 'Holds' : '**Does not hold**'}: ${c.text}. Measured: ${c.measured}.`)
      .join('\n'),
    `**What to take from it.** ${one.lesson}`,
    `Raw numbers: [results/${one.id}.csv](results/${one.id}.csv).`,
  ].join('\n\n')}\n`

/** Writes the numbers, the figures and the page of a case; `write` is given paths beside `docs/cases`. */
export const save = (one: Case, outcome: Outcome, write: (path: string, text: string) => void): void => {
  write(`./results/${one.id}.csv`, `${outcome.raw.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`)
  for (const [name, svg] of Object.entries(outcome.figures))
    write(`./figures/${one.id}-${name}.svg`, `${svg}\n`)
  write(`./${one.id}.md`, pageOf(one, outcome))
}
