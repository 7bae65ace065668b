import { CotangentError } from '../errors.js'

/** The error for a loop that would never end: both of its functions are pure, and a step changed nothing. */
export const endlessError = (nan: boolean): CotangentError =>
  new CotangentError(
    'Value',
    `whileLoop: a step leaves the state as it is, and the condition still holds, so that the loop would never end.${nan ? ' The state has NaN in it: every comparison with NaN is false, and not(less(x, tolerance)) is true.' : ''} Count the steps, and stop at a limit.`,
    { op: 'whileLoop' },
  )
