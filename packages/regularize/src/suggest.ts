/** Levenshtein's distance: insertions, deletions and substitutions of characters. */
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

/** The nearest of some words, if it is near enough to be a slip of the pen. */
export const nearest = (word: string, words: readonly string[]): string | undefined => {
  const [best] = words.map((w) => ({ w, d: distance(word, w) })).sort((x, y) => x.d - y.d)
  return best !== undefined && best.d > 0 && best.d <= Math.max(2, word.length / 3) ? best.w : undefined
}

/** A glob with the names that occur nowhere replaced by the nearest that do. */
export const repairGlob = (glob: string, paths: readonly string[]): string => {
  const names = [...new Set(paths.flatMap((path) => path.split('/')))]
  return glob
    .split('/')
    .map((part) => (part.includes('*') || names.includes(part) ? part : (nearest(part, names) ?? part)))
    .join('/')
}
