import { expectOpLaws } from '@cotangent/check'
import { defineOp, type Op, type Tensor } from '@cotangent/core'
import { bind, type Params, PRIMITIVES, type Primitive } from '@cotangent/core/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Case } from '../../core/test/laws/generate.js'
import { samples } from '../../core/test/laws/samples.js'

// Every law of an operation, for every primitive of core: the same function that users call for theirs.

const seed = Number(process.env.LAWS_SEED ?? 20261127)

const opOf = (row: Primitive, params: Params): Op =>
  defineOp({
    name: row.name,
    expand: (...xs: readonly Tensor[]) => bind(row, xs, params),
    domain: row.domain,
  }) as Op

const sizeOf = ({ draws }: Case): number => draws[0]!.reduce((n, x) => n + x.size, 0)

/** The first case of moderate size with something in every operand. */
const caseOf = (name: string): Case =>
  fc
    .sample(samples[name]!.cases, { seed, numRuns: 40 })
    .filter((c) => c.draws[0]!.every((x) => x.size > 0))
    .sort((a, b) => Math.abs(sizeOf(a) - 6) - Math.abs(sizeOf(b) - 6))[0]!

/** By definition a constant to every derivative, or without operands. */
const exempt = (name: string): boolean => Boolean(samples[name]?.stopped) || name === 'constant'

describe('expectOpLaws over the registry', () => {
  for (const [name, row] of PRIMITIVES)
    if (!exempt(name))
      test(name, { timeout: 30_000 }, () => {
        const { draws, params } = caseOf(name)
        expectOpLaws(opOf(row, params('float64')), { seed, at: draws.slice(0, 2) })
      })
  test('exempt are two', () => {
    expect([...PRIMITIVES.keys()].filter(exempt).sort()).toEqual(['constant', 'stopGradient'])
  })
})
