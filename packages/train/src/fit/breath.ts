/** Comes back when everything that waits has had its turn. */
const turn: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : () => new Promise((resolve) => setTimeout(resolve, 0))

/**
 * Lets timers, signals and the page have their turn, if it has been a while: without it a loop of synchronous steps would
 * hear of nothing until its end.
 */
export const breathing = (every = 40): (() => Promise<void> | undefined) => {
  let last = performance.now()
  return () => {
    if (performance.now() - last < every) return undefined
    return turn().then(() => {
      last = performance.now()
    })
  }
}
