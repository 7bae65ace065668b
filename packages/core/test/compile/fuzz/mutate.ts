import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { type Mutant, mutants } from './mutants.js'

// tsx packages/core/test/compile/fuzz/mutate.ts [part of a name ...]: plants each bug of mutants.ts in a copy of the
// compiler, bundled in memory, and runs the programs of the tests until one differs. Prints a table; exits with 1 if a
// bug was not found.

const PROGRAMS = 2000
const PATIENCE = 300_000 // ms: what runs longer hangs

const source = fileURLToPath(new URL('../../../src/compile/', import.meta.url))

/** The search with a bug in it, as one script. */
export const planted = async ({ file, right, wrong }: Mutant): Promise<string> => {
  const path = join(source, file)
  const text = await readFile(path, 'utf8')
  const parts = text.split(right)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like ${right}`)
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./hunt.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    plugins: [
      {
        name: 'plant',
        setup: (b) =>
          b.onLoad({ filter: /\.ts$/ }, (args) =>
            args.path === path ? { contents: parts.join(wrong), loader: 'ts' } : undefined,
          ),
      },
    ],
  })
  return outputFiles[0]!.text
}

export interface Found {
  readonly seed: number
  readonly what: string
}

/** What the search finds in a script: the first program that differs; undefined if all agree. */
export const hunt = (script: string, from: number, count: number): Promise<Found | undefined> =>
  new Promise((resolve) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { from, count },
      stderr: true,
      stdout: true,
    })
    const end = (found: Found | undefined): void => {
      clearTimeout(timer)
      void worker.terminate()
      resolve(found)
    }
    const timer = setTimeout(() => end({ seed: -1, what: 'does not end' }), PATIENCE)
    worker.on('message', (found: Found | undefined) => end(found))
    worker.on('error', (error: Error) => end({ seed: -1, what: `breaks: ${error.message}` }))
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2)
  const list = mutants.filter(
    ({ part, bug }) => wanted.length === 0 || wanted.some((w) => `${part} ${bug}`.includes(w)),
  )
  console.log('| part | planted bug | found by program | as |\n|---|---|---:|---|')
  let missed = 0
  for (const mutant of list) {
    const found = await hunt(await planted(mutant), 1, PROGRAMS)
    if (!found) missed++
    const what = found ? found.what.replaceAll('|', '/').slice(0, 90) : '**not found**'
    console.log(`| ${mutant.part} | ${mutant.bug} | ${found?.seed ?? ''} | ${what} |`)
  }
  console.log(`\n${list.length - missed} of ${list.length} found`)
  process.exitCode = missed > 0 ? 1 : 0
}
