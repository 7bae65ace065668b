/** The raw numbers of a case: the names of the columns, then rows. It is what the CSV file holds. */
export type Raw = readonly (readonly (string | number)[])[]

const quoted = (cell: string | number): string => {
  const text = typeof cell === 'number' ? String(Number(cell.toPrecision(12))) : cell
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const toCsv = (raw: Raw): string => `${raw.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`

/** The cells of a line: commas and doubled quotes may stand inside quotes. */
const cellsOf = (line: string): { readonly text: string; readonly quoted: boolean }[] => {
  const cells: { text: string; quoted: boolean }[] = [{ text: '', quoted: false }]
  let inside = false
  for (let i = 0; i < line.length; i++) {
    const [c, cell] = [line[i]!, cells.at(-1)!]
    if (inside && c === '"' && line[i + 1] === '"') cell.text += line[i++]
    else if (c === '"') {
      inside = !inside
      cell.quoted = true
    } else if (c === ',' && !inside) cells.push({ text: '', quoted: false })
    else cell.text += c
  }
  return cells
}

/** The inverse of {@link toCsv}, up to the twelve digits that it writes. */
export const fromCsv = (text: string): Raw =>
  text
    .trimEnd()
    .split('\n')
    .map((line) =>
      cellsOf(line).map(({ text: cell, quoted: asText }) =>
        !asText && (cell === 'NaN' || (cell !== '' && !Number.isNaN(Number(cell)))) ? Number(cell) : cell,
      ),
    )

/** Rows of raw numbers that can be asked for their columns. */
export interface Rows {
  readonly count: number
  /** Those whose cells are as given. */
  where(match: Readonly<Record<string, string | number>>): Rows
  /** A column as numbers. */
  of(column: string): number[]
  /** The values of a column, each once, in order. */
  each(column: string): string[]
}

const view = (head: readonly (string | number)[], rows: Raw): Rows => {
  const at = (column: string): number => {
    const i = head.indexOf(column)
    if (i < 0) throw new Error(`there is no column ${column} among ${head.join(', ')}`)
    return i
  }
  return {
    count: rows.length,
    where: (match) =>
      view(
        head,
        rows.filter((row) => Object.entries(match).every(([k, v]) => row[at(k)] === v)),
      ),
    of: (column) => rows.map((row) => Number(row[at(column)])),
    each: (column) => [...new Set(rows.map((row) => String(row[at(column)])))],
  }
}

export const rowsOf = ([head, ...rows]: Raw): Rows => view(head!, rows)
