import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** One module with the published packages in it, as a page would load it. */
export const bundle = async (entry: string): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // The sources are there for the tests; a page gets what is published.
    tsconfigRaw: {},
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw new Error('the page could not be built: run `pnpm run build` first', { cause: error })
  })
  return outputFiles[0]!.contents
}

/** Bytes on the wire. */
export const compressed = (code: Uint8Array): number => gzipSync(code, { level: 9 }).length
