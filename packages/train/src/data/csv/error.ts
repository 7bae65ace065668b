import { CotangentError } from '@cotangent/core'

/** Throws the error of a file that is not as it should be; the message begins with the place. */
export const refuseCsv = (message: string): never => {
  throw new CotangentError('Format', `fromCsv: ${message}`, { op: 'fromCsv' })
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

/** The word of a list that was probably meant. */
export const nearest = (word: string, list: readonly string[]): string | undefined => {
  const best = list
    .map((candidate) => [candidate, distance(word.toLowerCase(), candidate.toLowerCase())] as const)
    .sort((a, b) => a[1] - b[1])[0]
  return best !== undefined && best[1] <= Math.max(2, word.length / 3) ? best[0] : undefined
}
