// Cotangent beside its peers, in one run on one machine. The peers are installed elsewhere:
//   PEERS_NODE_MODULES  a node_modules with @jax-js/jax, @tensorflow/tfjs, @tensorflow/tfjs-backend-wasm (and node@24)
//   PEERS_PYTHON        a Python with torch and jax
// pnpm run build && pnpm exec tsx benchmarks/peers/run.ts [--write] [--rows mlp,lstm] [--peers torch] [--budget 0.6]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare, type Result, type Settings } from './compare.js'
import { peersAt } from './peers.js'
import { report } from './report.js'
import { LIMITS, ROWS } from './rows.js'
import type { Row } from './task.js'

const { values: flags } = parseArgs({
  options: {
    'node-modules': { type: 'string' },
    python: { type: 'string' },
    node20: { type: 'string' },
    node24: { type: 'string' },
    rows: { type: 'string' },
    peers: { type: 'string' },
    budget: { type: 'string', default: '0.6' },
    rounds: { type: 'string', default: '3' },
    limit: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '7.5' },
    best: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (flags.help) {
  console.log(`Options: --node-modules, --python, --node20, --node24: where the peers are (or PEERS_NODE_MODULES, PEERS_PYTHON,
PEERS_NODE20, PEERS_NODE24); --rows, --peers: only those whose names contain one of these; --budget: seconds for each
peer and row; --rounds: turns that each peer takes; --limit: seconds one answer may take; --minutes: rows that are not begun by then are left out; --best: the best
call instead of the median; --write: put the tables into
benchmarks/README.md.`)
  process.exit(0)
}

const nodeModules = flags['node-modules'] ?? process.env.PEERS_NODE_MODULES
const isVersion = (node: string, version: string): boolean =>
  spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.startsWith(`v${version}.`) ?? false
const nodeOf = (version: '20' | '24'): string | undefined =>
  [
    flags[`node${version}`] ?? process.env[`PEERS_NODE${version}`],
    nodeModules && join(nodeModules, 'node/bin/node'),
    process.execPath,
  ].find((node) => node && existsSync(node) && isVersion(node, version))

const python = flags.python ?? process.env.PEERS_PYTHON
const all = peersAt({ nodeModules, python, node20: nodeOf('20'), node24: nodeOf('24') })
const named = (list: string | undefined, name: string): boolean =>
  list === undefined || list.split(',').some((part) => name.includes(part))
const peers = all.filter(({ id, ours }) => ours || named(flags.peers, id))
const wanted = (rows: readonly Row[]): readonly Row[] => rows.filter(({ id }) => named(flags.rows, id))

const settings: Settings = {
  budget: Number(flags.budget),
  rounds: Number(flags.rounds),
  limit: Number(flags.limit),
  best: flags.best,
  environment: nodeModules === undefined ? {} : { PEERS_NODE_MODULES: nodeModules },
}

const end = performance.now() + Number(flags.minutes) * 60_000

const measureAll = async (rows: readonly Row[]) => {
  const one = new Map<string, ReadonlyMap<string, Result>>()
  const two = new Map<string, ReadonlyMap<string, Result>>()
  for (const row of rows) {
    if (performance.now() > end) break
    const from = performance.now()
    const results = await compare(peers, row, settings)
    one.set(row.id, results.one)
    if (results.two.size > 0) two.set(row.id, results.two)
    const found = [1, 2].flatMap((threads) =>
      [...(threads === 1 ? results.one : results.two)].map(
        ([id, result]) =>
          `${id} ${threads}: ${result.kind === 'time' ? (result.seconds * 1e3).toPrecision(4) : JSON.stringify(result)}`,
      ),
    )
    console.error(`${row.id}: ${found.join(', ')} ms (${((performance.now() - from) / 1000).toFixed(1)} s)`)
  }
  return { one, two }
}

const rows = wanted(ROWS)
const text = report({
  peers,
  rows,
  machine: `${cpus()[0]?.model.trim()}, ${cpus().length} processors`,
  settings,
  limits: (await measureAll(LIMITS)).one,
  ...(await measureAll(rows)),
})

if (flags.write) {
  const file = new URL('../README.md', import.meta.url)
  const [START, END] = ['<!-- peers: written by peers/run.ts -->', '<!-- peers: end -->']
  const readme = readFileSync(file, 'utf8')
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)]
  if (from < 0 || to < 0) throw new Error(`benchmarks/README.md has no lines ${START} and ${END}`)
  writeFileSync(file, `${readme.slice(0, from)}${START}\n\n${text}\n\n${readme.slice(to)}`)
} else console.log(text)
