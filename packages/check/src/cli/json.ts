import type { Certificate, GradFailure } from '../failure.js'
import { render } from '../report/render.js'

// JSON has no NaN and no infinities: they are given as text.
const replacer = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'object' && value !== null && 'toTypedArray' in value && 'toArray' in value)
    return (value as { toArray: () => unknown }).toArray()
  return value
}

const print = (x: unknown): string => JSON.stringify(x, replacer, 2)

export const failuresAsJson = (failures: readonly GradFailure[], verdict: string): string =>
  print({ verdict, failures: failures.map((f) => ({ ...f, report: render(f) })) })

export const certificateAsJson = (certificate: Certificate): string =>
  print({ verdict: 'right', certificate })
