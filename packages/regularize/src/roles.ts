/** What a parameter is for. */
export type Role = 'kernel' | 'bias' | 'scale' | 'embedding' | 'recurrent'

const NAMES: Readonly<Record<string, Role>> = {
  b: 'bias',
  beta: 'bias',
  bias: 'bias',
  embedding: 'embedding',
  embeddings: 'embedding',
  gamma: 'scale',
  intercept: 'bias',
  kernel: 'kernel',
  offset: 'bias',
  recurrent: 'recurrent',
  scale: 'scale',
}

/** Roles that a penalty without a selector acts on. */
export const PENALISED: readonly Role[] = ['kernel', 'recurrent', 'embedding']

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/**
 * The role of a parameter, told by the last name on its path: `bias`, `b1` and `queryBias` are biases. What has no
 * known name is a kernel.
 *
 * @example
 * roleOf('hidden/bias') // => 'bias'
 * roleOf('0/kernel') // => 'kernel'
 */
export const roleOf = (path: string): Role => {
  const name = path.split('/').findLast((part) => !/^\d+$/.test(part)) ?? ''
  const plain = name.replace(/_?\d+$/, '')
  const known = NAMES[plain] ?? NAMES[plain.toLowerCase()]
  if (known !== undefined) return known
  const ending = Object.keys(NAMES).find(
    (n) => n.length > 1 && (plain.endsWith(capital(n)) || plain.endsWith(`_${n}`)),
  )
  return ending === undefined ? 'kernel' : NAMES[ending]!
}
