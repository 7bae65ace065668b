/**
 * Lets timers, signals and the page have their turn, if it has been a while: without it a loop of synchronous steps would
 * hear of nothing until its end.
 */
export const breathing = (every = 40): (() => Promise<void> | undefined) => {
  let last = performance.now()
  return () => {
    if (performance.now() - last < every) return undefined
    return new Promise((resolve) =>
      setTimeout(() => {
        last = performance.now()
        resolve()
      }, 0),
    )
  }
}
