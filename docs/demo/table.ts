const LONGEST = 100
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** Text in columns: the first ones to the left, numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], left = 2): string => {
  const all = [head, ...rows].map((row) => row.map(cut))
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [line(all[0]!), widths.map((width) => '─'.repeat(width)).join('──'), ...all.slice(1).map(line)].join(
    '\n',
  )
}
