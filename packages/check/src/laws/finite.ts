import { type Birthplace, backwardBirthplace, birthplace } from '../blame/born.js'
import { located } from '../subject/subject.js'
import { type Context, type Finding, fails, holds } from './context.js'

/** The value and the gradient are finite; if not, where that began. */
export const finiteLaw = (c: Context): Finding => {
  const { subject: s } = c
  const y = s.value(s.x).data
  const bad = y.findIndex((v) => !Number.isFinite(v))
  if (bad >= 0) {
    const traced = located(s)
    const at = traced && birthplace(traced)
    return fails({
      ...c.common('finite'),
      _tag: 'NonFinite',
      what: 'value',
      value: y[bad]!,
      ...(at && { born: { ...at, pass: 'forward' as const } }),
    })
  }
  const g = s.reverse(s.x, c.v).data
  const i = g.findIndex((v) => !Number.isFinite(v))
  if (i < 0) return holds('finite', 1)
  const traced = located(s)
  const forward = traced && birthplace(traced)
  const backward = (): Birthplace | undefined =>
    (traced && backwardBirthplace(traced)) ?? (s.tracedGradient && birthplace(s.tracedGradient(c.v)))
  const at = forward ?? backward()
  return fails({
    ...c.common('finite'),
    _tag: 'NonFinite',
    what: 'gradient',
    value: g[i]!,
    entry: s.entries[i]!,
    ...(at && { born: { ...at, pass: forward ? ('forward' as const) : ('backward' as const) } }),
  })
}
