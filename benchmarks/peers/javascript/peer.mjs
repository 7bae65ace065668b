import { createRequire } from 'node:module'
import { join } from 'node:path'

/** Loads a package from where the peers are installed. */
export const load = createRequire(join(process.env.PEERS_NODE_MODULES ?? '.', 'peers.cjs'))

/** The entries of a result that are compared. */
export const sample = (x) => [x[0], x[x.length >> 1], x[x.length - 1]]

/** One-hot rows of class numbers. */
export const oneHot = (labels, classes) => {
  const rows = new Float32Array(labels.length * classes)
  labels.forEach((c, i) => {
    rows[i * classes + c] = 1
  })
  return rows
}
