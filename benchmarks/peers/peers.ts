import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the peers are, and which versions of Node run what is written in JavaScript. */
export interface Places {
  readonly nodeModules: string | undefined
  readonly python: string | undefined
  readonly node20: string | undefined
  readonly node24: string | undefined
}

/** A column of the tables. */
export interface Peer {
  readonly id: string
  readonly title: string
  /** What is compared: the others are the field. */
  readonly ours: boolean
  /** Runs it for a row and a number of threads; a text says why it cannot. */
  readonly command: readonly string[] | string
  readonly manyThreads: boolean
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const works = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

const javascript = (node: string | undefined, module: string): readonly string[] | string =>
  node === undefined
    ? 'this version of Node is not given'
    : [node, '--import', import.meta.resolve('tsx'), here('worker.ts'), here(module)]

const installed = (places: Places, name: string, module: string): readonly string[] | string =>
  places.nodeModules !== undefined && existsSync(join(places.nodeModules, name, 'package.json'))
    ? javascript(places.node24 ?? process.execPath, module)
    : `${name} is not installed`

const python = (places: Places, name: string, module: string): readonly string[] | string =>
  places.python !== undefined && works(places.python, ['-c', `import ${name}`])
    ? [places.python, here('python/worker.py'), module]
    : `${name} is not installed`

/** All columns, the first one being what the others are compared with. */
export const peersAt = (places: Places): readonly Peer[] => [
  {
    id: 'cotangent24',
    title: 'Cotangent, Node 24',
    ours: true,
    command: javascript(places.node24, 'cotangent/kinds.ts'),
    manyThreads: true,
  },
  {
    id: 'cotangent20',
    title: 'Cotangent, Node 20',
    ours: true,
    command: javascript(places.node20, 'cotangent/kinds.ts'),
    manyThreads: true,
  },
  {
    id: 'jax-js',
    title: 'jax-js',
    ours: false,
    command: installed(places, '@jax-js/jax', 'javascript/jaxjs.mjs'),
    manyThreads: false,
  },
  {
    id: 'tfjs',
    title: 'tfjs-wasm',
    ours: false,
    command: installed(places, '@tensorflow/tfjs-backend-wasm', 'javascript/tfjs.mjs'),
    manyThreads: false,
  },
  {
    id: 'torch',
    title: 'PyTorch',
    ours: false,
    command: python(places, 'torch', 'torch_rows'),
    manyThreads: true,
  },
  {
    id: 'jax',
    title: 'JAX',
    ours: false,
    command: python(places, 'jax', 'jax_rows'),
    manyThreads: true,
  },
]
