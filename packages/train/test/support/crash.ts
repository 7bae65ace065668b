import type { FileSystem } from '../../src/index.js'

/** What a killed process is: nothing after it happens. */
export class Killed extends Error {}

interface Inode {
  /** What a reader sees while the machine is up. */
  data: Uint8Array
  /** What survives the loss of power. */
  durable: Uint8Array
}

/**
 * A file system in memory that loses its process, and the power, at the n-th thing it is asked to do. A write that was
 * not flushed leaves a piece of itself, as long as chance has it; a rename whose folder was not flushed is there or not.
 */
export const crashing = (chance: () => number) => {
  let files = new Map<string, Inode>()
  let durableNames = new Map<string, Inode>()
  let left = Number.POSITIVE_INFINITY
  let reads = 0
  const tick = (half?: () => void): void => {
    if (left-- > 0) return
    half?.()
    throw new Killed('killed')
  }
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  const cut = (data: Uint8Array): Uint8Array => data.slice(0, Math.floor(chance() * (data.length + 1)))

  const fs: FileSystem = {
    async open(path, flags) {
      tick()
      const isFolder = path === '.'
      if (!isFolder && flags === 'w') files.set(path, { data: new Uint8Array(0), durable: new Uint8Array(0) })
      const inode = files.get(path)
      return {
        async writeFile(data) {
          tick(() => {
            inode!.data = cut(data)
          })
          inode!.data = data.slice()
        },
        async sync() {
          tick()
          if (isFolder) durableNames = new Map(files)
          else inode!.durable = inode!.data
        },
        async close() {
          tick()
        },
      }
    },
    async rename(from, to) {
      tick()
      const inode = files.get(from)
      if (inode === undefined) throw missing(from)
      files.delete(from)
      files.set(to, inode)
    },
    async rm(path) {
      if (left >= 0) files.delete(path)
    },
    async readFile(path) {
      reads++
      const inode = files.get(path)
      if (inode === undefined) throw missing(path)
      return inode.data
    },
  }
  return {
    fs,
    /** The process is killed at the n-th operation from now. */
    killAt(n: number): void {
      left = n
    },
    /** The machine is up again. Names and contents that were not flushed are as chance has it. */
    restart(powerLost: boolean): void {
      left = Number.POSITIVE_INFINITY
      if (!powerLost) return
      const names = chance() < 0.5 ? durableNames : files
      files = new Map(
        [...names].map(([path, inode]) => {
          const data =
            inode.durable === inode.data ? inode.data : chance() < 0.5 ? inode.durable : cut(inode.data)
          return [path, { data, durable: data }]
        }),
      )
      durableNames = new Map(files)
    },
    names: () => [...files.keys()],
    get reads() {
      return reads
    },
  }
}

/** Random numbers in [0, 1) that a seed decides (mulberry32). */
export const chances = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
