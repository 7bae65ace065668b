/** What writing a file safely needs of a file system; `node:fs/promises` is one. */
export interface FileSystem {
  open(
    path: string,
    flags: string,
  ): Promise<{ writeFile(data: Uint8Array): Promise<unknown>; sync(): Promise<void>; close(): Promise<void> }>
  rename(from: string, to: string): Promise<void>
  rm(path: string, options: { force: boolean }): Promise<void>
  readFile(path: string): Promise<Uint8Array>
  /** The names in a folder; without it, what killed processes left beside a file stays there. */
  readdir?(path: string): Promise<readonly string[]>
}

/** Where files are unless something else is given. */
export const nodeFs = async (): Promise<FileSystem> => await import('node:fs/promises')

const folderOf = (path: string): string => {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)
}

/** Makes a rename last: on POSIX the folder is what holds the name. Elsewhere folders cannot be opened, nor need they. */
const syncFolder = async (fs: FileSystem, folder: string): Promise<void> => {
  try {
    const handle = await fs.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP'].includes(code ?? '')) throw error
  }
}

/**
 * Writes a file so that whoever reads it, after a crash at whatever moment, finds the old content or the new one, whole:
 * the new one is written beside it, flushed to the disk and renamed over it.
 */
export const writeAtomically = async (path: string, data: Uint8Array, fs?: FileSystem): Promise<void> => {
  const system = fs ?? (await nodeFs())
  // Two processes that write the same file do not write into one another.
  const beside = `${path}.${globalThis.process?.pid ?? 0}.tmp`
  try {
    const handle = await system.open(beside, 'w')
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await system.rename(beside, path)
  } catch (error) {
    await system.rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(system, folderOf(path))
}

/** The content of a file, undefined where there is none. */
export const readIfThere = async (path: string, fs?: FileSystem): Promise<Uint8Array | undefined> => {
  try {
    return await (fs ?? (await nodeFs())).readFile(path)
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}
