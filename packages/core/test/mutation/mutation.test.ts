import { expect, test } from 'vitest'
import { judge } from './judge.js'

// A sample of the primitives; mutate.ts runs them all.
for (const name of ['mul', 'pow', 'max', 'gather', 'cumsum', 'dot', 'select', 'floor'])
  test(`no wrong rule of ${name} keeps the laws`, () => {
    const verdicts = judge(name, 8)
    expect(verdicts.length).toBeGreaterThan(0)
    expect(verdicts.filter((v) => v.killer === undefined)).toEqual([])
  })
