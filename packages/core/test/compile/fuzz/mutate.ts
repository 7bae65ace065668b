import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Family } from './aimed/index.js'
import type { Word } from './hunt.js'
import { type Mutant, mutants } from './mutants/index.js'

// tsx packages/core/test/compile/fuzz/mutate.ts [part of a name ...]: plants each bug of mutants.ts in a copy of the
// compiler, bundled in memory, and runs the programs of the tests until one differs. Prints a table; exits with 1 if a
// bug was not found.

const PROGRAMS = 2000
const PATIENCE = 30_000 // ms: a program that runs longer does not end

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
    format: 'cjs',
    define: { 'import.meta.url': '""' },
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
export const hunt = (
  script: string,
  from: number,
  count: number,
  first: readonly string[] = [],
): Promise<Found | undefined> =>
  new Promise((resolve) => {
    const worker = new Worker(script, {
      eval: true,
      workerData: { from, count, first },
      stderr: true,
      stdout: true,
    })
    let seed = from
    let timer: NodeJS.Timeout | undefined
    const end = (found: Found | undefined): void => {
      clearTimeout(timer)
      void worker.terminate()
      resolve(found)
    }
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => end({ seed, what: 'does not end' }), PATIENCE)
    }
    wait()
    worker.on('message', (word: Word) => {
      if ('at' in word) {
        seed = word.at
        wait()
      } else end('none' in word ? undefined : word)
    })
    worker.on('error', (error: Error) => end({ seed, what: `breaks: ${error.message}` }))
  })

/** Families of programs that are likely to find a bug. */
const likely = ({ file }: Mutant): string[] =>
  FAMILIES.flatMap(([path, families]) => (file.includes(path) ? families : []))

const FAMILIES: readonly (readonly [path: string, families: readonly Family[]])[] = [
  ['loop/lanes', ['mixed']],
  ['loop/memory', ['mixed']],
  ['loop/', ['columns', 'views', 'softmax']],
  ['lower/', ['views', 'softmax']],
  ['swap', ['products']],
  ['plan', ['softmax', 'keeping']],
  ['threads', ['sharing', 'products', 'columns']],
  ['steps/loop', ['sharing']],
  ['job', ['sharing', 'products', 'convolutions']],
  ['/conv', ['convolutions']],
  ['sweep', ['sweeps', 'softmax']],
  ['fault', ['faults']],
  ['control', ['nesting']],
  ['scan', ['nesting']],
  ['carry', ['nesting']],
  ['cond', ['nesting']],
  ['while', ['nesting', 'faults']],
  ['same', ['faults']],
  ['procedure', ['nesting', 'faults']],
  ['donate', ['faults', 'keeping']],
  ['program.ts', ['faults', 'keeping']],
  ['kept', ['keeping']],
  ['heap', ['keeping']],
  ['resident', ['keeping']],
  ['fma', ['fma']],
  ['math', ['functions']],
  ['linalg', ['matrices']],
  ['gemm', ['products', 'convolutions']],
  ['contract', ['products', 'convolutions']],
  ['sort', ['sorts']],
  ['gather', ['updates']],
  ['view', ['views']],
]

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2)
  const list = mutants.filter(
    ({ part, bug }) => wanted.length === 0 || wanted.some((w) => `${part} ${bug}`.includes(w)),
  )
  console.log('| part | planted bug | found by program | as |\n|---|---|---:|---|')
  let missed = 0
  for (const mutant of list) {
    const found = await hunt(await planted(mutant), 1, PROGRAMS, likely(mutant))
    if (!found) missed++
    const what = found ? found.what.replaceAll('|', '/').slice(0, 90) : '**not found**'
    console.log(`| ${mutant.part} | ${mutant.bug} | ${found?.seed ?? ''} | ${what} |`)
  }
  console.log(`\n${list.length - missed} of ${list.length} found`)
  process.exitCode = missed > 0 ? 1 : 0
}
