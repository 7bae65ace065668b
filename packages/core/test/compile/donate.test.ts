import { describe, expect, test } from 'vitest'
import { Program } from '../../src/compile/program.js'
import { add, jit, mul, type Tensor, take, tensor, trace } from '../../src/index.js'
import { optimise } from '../../src/optimise/optimise.js'

const state = () => tensor(new Float32Array(3000).fill(2)) as Tensor
const table = tensor(new Float32Array(3000).fill(1)) as Tensor
const at = (i: number): Tensor => tensor(new Int32Array(3000).fill(i))

type Step = (s: Tensor, x: Tensor, i: Tensor) => readonly Tensor[]

/** What fails at an index that is out of range, and whether the state may be overwritten where it lies. */
const CASES: Readonly<Record<string, readonly [Step, boolean]>> = {
  'what may fail comes first': [(s, x, i) => [add(s, mul(take(x, i), 0.5)) as Tensor], true],
  'what may fail comes last': [(s, x, i) => [add(s, 1) as Tensor, take(x, i) as Tensor], false],
}

describe('a donated argument', () => {
  test.each(Object.entries(CASES))('where %s', (_, [f, inPlace]) => {
    const { ir } = trace(f, state(), table, at(0))
    const program = new Program(optimise(ir), { relaxed: false }, { donated: [true, false, false] })
    expect(program.heirs.map((heir) => heir.inPlace)).toEqual([inPlace])
    program.release()

    const step = jit(f, { donate: [0] })
    const [next] = step(state(), table, at(2999))
    expect(() => step(next!, table, at(3000))).toThrow(/3000/)
    // The call that failed has left it alone, in the memory of programs too.
    expect(next!.toTypedArray()[2999]).toBe(inPlace ? 2.5 : 3)
    expect(step(next!, table, at(1))[0]!.toTypedArray()[7]).toBe(inPlace ? 3 : 4)
  })
})
