import { Tensor } from '@cotangent/core'
import type { Cluster } from './clusters.js'
import type { Bound } from './match.js'
import { roleOf } from './roles.js'

const PLACES = 4
const listed = (paths: readonly string[]): string => {
  const shown = paths.slice(0, PLACES).map((p) => p || 'the root')
  return paths.length > PLACES ? `${shown.join(', ')} and ${paths.length - PLACES} more` : shown.join(', ')
}

const HOW = {
  coupled: 'added to the loss',
  proximal: "by its prox after the step, in the optimiser's metric",
  decoupled: 'by its prox after the step, in the Euclidean metric',
  constraint: 'by projection',
} as const

const notesOf = ({ term, mode, paths }: Bound): readonly string[] => {
  const { functional, name } = term
  const { traits } = functional
  const of = (role: string) => paths.filter((p) => roleOf(p) === role)
  const bound = traits.weakConvexity
  const rho = bound instanceof Tensor ? undefined : bound
  return [
    ...(mode === 'coupled' && !traits.smooth
      ? [
          `it is not smooth: as part of the loss it gives no exact zeros${functional.prox ? " (mode 'proximal' does)" : ''}`,
        ]
      : []),
    ...(mode === 'decoupled'
      ? ['under an adaptive optimiser this solves another problem than loss + penalty']
      : []),
    ...(!traits.convex && rho !== undefined && rho > 0
      ? [`it is not convex: from the step ${(1 / rho).toPrecision(3)} on its prox jumps, and is still exact`]
      : []),
    ...(name.startsWith('norm2(')
      ? ['norm2 is the square-root norm, all or nothing; weight decay is l2']
      : []),
    ...(mode !== 'coupled' && mode !== 'decoupled' && !traits.metric
      ? ['its prox knows no metric: use it with a plain gradient step']
      : []),
    ...(of('scale').length > 0
      ? [`it acts on scales of normalisation (${listed(of('scale'))}): intended?`]
      : []),
  ]
}

const compositionOf = ({ terms, plain, metric }: Cluster): readonly string[] => {
  if (terms.length < 2) return []
  const names = (list: readonly Bound[]) => list.map((t) => t.term.name).join(', then ')
  const how = (c: Cluster['plain']) =>
    c === undefined
      ? "by Dykstra's algorithm, to rounding"
      : `exactly, as ${names(c.terms)} (${c.rows.map((r) => `${r.name}: ${r.source}`).join('; ')})`
  const shared = terms[0]!.paths.filter((p) => terms.some((t, i) => i > 0 && t.paths.includes(p)))
  return [
    `${terms.map((t) => t.term.name).join(' and ')} share ${listed(shared)}: the prox of their sum is taken ${how(plain)}${
      metric === plain ||
      (metric !== undefined && plain !== undefined && names(metric.terms) === names(plain.terms))
        ? ''
        : `; in a metric ${how(metric)}`
    }`,
  ]
}

/** What a plan does, in sentences. */
export const explainPlan = (all: readonly Bound[], clusters: readonly Cluster[]): string =>
  all.length === 0
    ? 'no penalty'
    : [
        ...all.flatMap((bound) => [
          `${bound.term.name} on ${bound.term.where.text}: ${bound.paths.length} tensor${bound.paths.length === 1 ? '' : 's'} (${listed(bound.paths)}), ` +
            `${bound.mode}, ${HOW[bound.mode]}${bound.term.functional.traits.separable === 'block' && bound.term.group !== 'perTensor' ? `, ${bound.blocks.length} block${bound.blocks.length === 1 ? '' : 's'} (${bound.term.group})` : ''}`,
          ...notesOf(bound).map((note) => `  note: ${note}`),
        ]),
        ...clusters.flatMap(compositionOf),
      ].join('\n')
