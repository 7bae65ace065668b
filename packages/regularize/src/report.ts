/** What one term amounts to. */
export interface ReportRow {
  readonly term: string
  readonly where: string
  readonly mode: string
  readonly parameters: number
  /** Entries. */
  readonly size: number
  /** Exact zeros among them. */
  readonly zeros: number
  /** The product of the weights. */
  readonly weight: number
  readonly value: number
  /** Of the whole penalty. */
  readonly share: number
  /** The norm of the gradient of the weighted term. */
  readonly gradient: number
  /**
   * How far the parameters of the term are from stationary: the distance of minus the gradient of all else to the
   * subdifferential of the term. Absent without the gradient of the loss, or without a kkt.
   */
  readonly stationarity?: number
}

/** Rows to compute with; printed, a table. */
export interface Report {
  readonly rows: readonly ReportRow[]
  readonly value: number
  toString(): string
}

const number = (x: number): string => (Number.isInteger(x) ? String(x) : x.toPrecision(4))
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`

/** Text cells in columns, the first ones to the left. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], left = 1): string => {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((c, i) => (i < left ? c.padEnd(widths[i]!) : c.padStart(widths[i]!))).join('  ')
  return [line(head), widths.map((w) => '─'.repeat(w)).join('──'), ...rows.map(line)].join('\n')
}

export const makeReport = (rows: readonly ReportRow[]): Report => {
  const known = rows.some((r) => r.stationarity !== undefined)
  return {
    rows,
    value: rows.reduce((total, row) => total + row.value, 0),
    toString: () =>
      table(
        [
          'term',
          'where',
          'mode',
          'tensors',
          'entries',
          'zeros',
          'weight',
          'value',
          'share',
          'gradient',
          ...(known ? ['stationarity'] : []),
        ],
        rows.map((r) => [
          r.term,
          r.where,
          r.mode,
          String(r.parameters),
          String(r.size),
          percent(r.size === 0 ? 0 : r.zeros / r.size),
          number(r.weight),
          number(r.value),
          percent(r.share),
          number(r.gradient),
          ...(known ? [r.stationarity === undefined ? '' : r.stationarity.toExponential(1)] : []),
        ]),
        3,
      ),
  }
}
