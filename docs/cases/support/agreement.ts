import type { Claim } from './case.js'
import { deviation, mean, spread } from './stats.js'

/** Figures measured elsewhere beside ours, as a claim: each mean is within two deviations of its figure. */
export const agreement = (
  all: readonly { readonly name: string; readonly pilot: number; readonly values: readonly number[] }[],
): Claim[] => {
  const several = all.filter(({ values }) => values.length > 1)
  if (several.length === 0) return []
  const apart = several.map(({ name, pilot, values }) => ({
    name,
    by: (mean(values) - pilot) / deviation(values),
    text: `${name} ${spread(values)} for ${pilot}`,
  }))
  const far = apart.filter(({ by }) => Math.abs(by) > 2)
  const worst = apart.reduce((a, b) => (Math.abs(b.by) > Math.abs(a.by) ? b : a))
  return [
    {
      text: 'Every mean is within two deviations of the figure measured elsewhere',
      measured:
        far.length === 0
          ? `the furthest is ${worst.text}, ${Math.abs(worst.by).toFixed(1)} deviations`
          : `not ${far.map(({ text, by }) => `${text}, ${Math.abs(by).toFixed(1)} deviations`).join('; ')}`,
      holds: far.length === 0,
    },
  ]
}
