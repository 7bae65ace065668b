import type { Subject } from './subject.js'

/** What is wrong, with the numbers that show it. */
export interface Broken {
  /** In a sentence. */
  readonly text: string
  readonly step?: number
  readonly x?: readonly number[]
  readonly got?: readonly number[] | number
  readonly want?: readonly number[] | number
}

/** A law holds over so many cases, says nothing of this functional, or is broken. */
export type Outcome =
  | { readonly kind: 'holds'; readonly cases: number }
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'broken'; readonly broken: Broken }

/** One of the 16 laws. */
export interface Law {
  readonly number: number
  readonly name: string
  /** What it says, as mathematics. */
  readonly statement: string
  readonly test: (s: Subject) => Outcome
}

export const silent = (why: string): Outcome => ({ kind: 'silent', why })

/** Thrown inside a law by {@link Claims}. */
class Breach extends Error {
  readonly broken: Broken
  constructor(broken: Broken) {
    super(broken.text)
    this.broken = broken
  }
}

/** Collects the claims of a law: the first that is false ends it. */
export type Claims = (holds: boolean, broken: () => Broken) => void

/** The outcome of a law that makes claims. */
export const claims = (body: (claim: Claims) => void): Outcome => {
  let cases = 0
  try {
    body((holds, broken) => {
      cases++
      if (!holds) throw new Breach(broken())
    })
  } catch (error) {
    if (error instanceof Breach) return { kind: 'broken', broken: error.broken }
    throw error
  }
  return cases === 0 ? silent('no point of this functional is a case of it') : { kind: 'holds', cases }
}
