import type { FileSystem } from './atomic.js'

const partsOf = (path: string): readonly [string, string] => {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return at < 0 ? ['.', path] : [at === 0 ? '/' : path.slice(0, at), path.slice(at + 1)]
}

/** Whether there is no such process; where that cannot be told, there is one. */
const isDead = (pid: number): boolean => {
  const { process } = globalThis
  if (typeof process?.kill !== 'function' || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as { readonly code?: string }).code === 'ESRCH'
  }
}

/**
 * Removes what processes that were killed while they wrote a file left beside it, `<file>.<pid>.tmp`. Those of processes
 * that live are theirs. A folder that cannot be read or written is no reason to fail: the save itself will tell.
 */
export const removeStale = async (path: string, fs: FileSystem): Promise<void> => {
  const [folder, file] = partsOf(path)
  const names = (await fs.readdir?.(folder).catch(() => [])) ?? []
  for (const name of names) {
    if (!name.startsWith(`${file}.`)) continue
    const pid = /^\.(\d+)\.tmp$/.exec(name.slice(file.length))?.[1]
    if (pid !== undefined && isDead(Number(pid)))
      await fs.rm(`${path}.${pid}.tmp`, { force: true }).catch(() => undefined)
  }
}
