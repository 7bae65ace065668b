import { cast, type Num, Tensor } from '@cotangent/core'
import type { Schedule } from './schedule.js'

/** A hyper-parameter: fixed, a schedule of the count of updates, or a tensor to differentiate by. */
export type Hyper = Num | Schedule

/** The value of a hyper-parameter at an update; the first update has count 0. */
export const hyper = (h: Hyper, count: Tensor): Num => (typeof h === 'function' ? h(count) : h)

/** The values of several hyper-parameters at an update. */
export const hypers = <K extends string>(table: Readonly<Record<K, Hyper>>, count: Tensor): Record<K, Num> =>
  Object.fromEntries(Object.entries<Hyper>(table).map(([k, h]) => [k, hyper(h, count)])) as Record<K, Num>

/** A hyper-parameter in the dtype of a leaf: a tensor of another dtype must not widen the parameters. */
export const like = (value: Num, leaf: Tensor): Num =>
  value instanceof Tensor && value.dtype !== leaf.dtype ? cast(value, leaf.dtype) : value
