import { givenSubject, type Pair } from './given.js'
import type { Subject } from './subject.js'
import { tracedSubject } from './traced.js'

type Fun = (...args: never[]) => unknown

export const isPair = (f: unknown): f is Pair<never> =>
  typeof f === 'object' && f !== null && 'gradient' in f && 'f' in f

// A loss of one vector that was given its numbers one by one.
const asVector = (f: Fun, args: readonly unknown[]): readonly unknown[] =>
  f.length === 1 && args.length > 1 && args.every((a) => typeof a === 'number') ? [args] : args

/** A function of tensors, or a pair of a function and a gradient on anything. */
export const subjectOf = (f: Fun | Pair<never>, args: readonly unknown[]): Subject =>
  isPair(f) ? givenSubject(f, asVector(f.f, args)) : tracedSubject(f, args)
