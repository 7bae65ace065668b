import { aimedFamily, aimedProgram, type Family } from './aimed/index.js'
import { kinds, randomData } from './data.js'
import { grow } from './grow.js'
import { Maker } from './maker.js'
import { chosen, differentiated, type Program } from './program.js'
import { Random } from './random.js'

/** Any program: some arguments, and operations on what there is. */
const anyProgram = (random: Random): Program => {
  const m = new Maker(random, random.weighted(kinds), grow)
  const fails = random.chance(0.08)
  if (fails) m.faults.left = 1
  for (let k = random.int(1, 3); k > 0; k--)
    m.argument(randomData(random, { shape: m.shape(), dtype: m.dtype() }, m.kind))
  m.grow(
    random.weighted([
      [2, random.int(1, 3)],
      [6, random.int(3, 10)],
      [1, random.int(10, 25)],
    ]),
  )
  const program = { graph: m.graph(chosen(m)), args: m.args }
  // A gradient may hold an index that is wrong in two places, and the order of the two is the compiler's.
  return !fails && random.chance(0.2) ? (differentiated(program, random) ?? program) : program
}

const AIMED = 0.6

/** The part of the compiler that the program of a seed is made for; undefined if it is any program. */
export const familyOf = (seed: number): Family | undefined => {
  const random = new Random(seed)
  return random.chance(AIMED) ? aimedFamily(random) : undefined
}

/** The program of a seed: one of any kind, or one made for a part of the compiler that few of those reach. */
export const programOf = (seed: number): Program => {
  const random = new Random(seed)
  if (!random.chance(AIMED)) return anyProgram(random)
  return aimedProgram(aimedFamily(random), random)
}
