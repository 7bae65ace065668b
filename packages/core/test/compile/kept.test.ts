import { expect, test } from 'vitest'
import { Heap } from '../../src/compile/heap.js'
import { Program } from '../../src/compile/program.js'
import { add, jit, mul, random, type Tensor, trace } from '../../src/index.js'
import { optimise } from '../../src/optimise/optimise.js'

const LIMIT = 1 << 27
const [a, b, c] = [1, 2, 3].map((seed) => random.normal(random.key(seed), [2000]) as Tensor)

test('an argument that comes again is the one that was given', () => {
  const f = (x: Tensor, y: Tensor) => add(mul(x, 3), y)
  const ours = jit(f)
  for (const [x, y] of [
    [a, b],
    [a, b],
    [a, c],
    [a, a],
    [c, a],
    [c, a],
    [a, a],
    [a, a],
    [b, c],
  ])
    expect(ours(x!, y!).toTypedArray()).toEqual(f(x!, y!).toTypedArray())
})

test('what a program keeps is given back with it', () => {
  const heap = new Heap()
  const program = new Program(optimise(trace((x: Tensor) => mul(x, 2), a!).ir), { relaxed: false }, { heap })
  for (let i = 0; i < 3; i++) program.run([a!])
  // The first call copies to where all arguments go; from the second on there is a block for it.
  expect(heap.allocateResident(LIMIT - 4096, 1)).toBeUndefined()
  program.release()
  expect(heap.allocateResident(LIMIT - 4096, 1)).toBeDefined()
})
