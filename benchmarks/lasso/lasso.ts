// Paths of 100 strengths, side by side with scikit-learn and skglm: in one run, in turns, one thread each, all to the same
// duality gap, and the gap that each has reached beside its time. The time is that of the processor, not of the clock: the
// machine may be shared. For Node it includes the threads that compile and collect.
//
//   pnpm run build && PYTHON=/path/to/venv/bin/python pnpm exec tsx benchmarks/lasso/lasso.ts [rounds] [part of a row's name]

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { matmul, random, type Tensor, tensor, transpose } from '@cotangent/core'
import { elasticNet, groupLasso, lambdaPath, leastSquares } from '@cotangent/regularize'
import { loadDiabetes } from '../../docs/data/diabetes/diabetes.js'

const ROUNDS = Number(process.argv[2] ?? 5)
const WANTED = process.argv[3] ?? ''
const TOLERANCE = 1e-6
/** What takes longer, in milliseconds, runs once. */
const LONG = 8000

interface Data {
  readonly name: string
  readonly X: Tensor
  readonly y: Tensor
  readonly ratio: number
}

const normal = (seed: number, shape: readonly number[]): Tensor =>
  random.normal(random.key(seed) as Tensor, [...shape], { dtype: 'float64' }) as Tensor

/** Independent columns, fifty of them at work, and noise of a quarter of the variance. */
const drawn = (n: number, p: number, ratio: number, seed: number): Data => {
  const X = normal(seed, [n, p])
  const w = Float64Array.from(normal(seed + 1, [p]).toTypedArray(), (v, j) => (j % (p / 50) === 0 ? v : 0))
  const signal = matmul(X, tensor(w)).toTypedArray()
  const spread = 0.5 * Math.sqrt(Float64Array.from(signal).reduce((s, v) => s + v * v, 0) / n)
  const noise = normal(seed + 2, [n]).toTypedArray()
  return {
    name: `${n}x${p}`,
    X,
    y: tensor(Float64Array.from(signal, (v, i) => v + spread * noise[i]!)) as Tensor,
    ratio,
  }
}

const diabetes = (): Data => {
  const { X, y } = loadDiabetes()
  const mean = y.reduce((a, b) => a + b, 0) / y.length
  const centred = y.map((v) => v - mean)
  return {
    name: '442x10, diabetes',
    X: tensor(X, { dtype: 'float64' }) as Tensor,
    y: tensor(centred, { dtype: 'float64' }) as Tensor,
    ratio: 1e-3,
  }
}

interface Answer {
  readonly ms: number
  readonly gap: number
  readonly nonzeros: number
}

const folder = mkdtempSync(join(tmpdir(), 'lasso-'))
const child = spawn(
  process.env.PYTHON ?? 'python3',
  [fileURLToPath(new URL('./peers.py', import.meta.url))],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
      MKL_NUM_THREADS: '1',
      NUMBA_NUM_THREADS: '1',
    },
  },
)
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
const ask = async (request: object): Promise<Answer> => {
  child.stdin.write(`${JSON.stringify(request)}\n`)
  return JSON.parse((await lines.next()).value)
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[xs.length >> 1]!

const compare = async (data: Data, kind: string, rho: number, group: number): Promise<void> => {
  const { X, y, name, ratio } = data
  if (!`${kind}, ${name}`.includes(WANTED)) return
  const [n, p] = X.shape as readonly [number, number]
  const groups = Array.from({ length: group === 0 ? 0 : p / group }, (_, g) =>
    Array.from({ length: group }, (_, k) => g * group + k),
  )
  const penalty = group === 0 ? elasticNet(1, rho) : groupLasso(1, { groups })
  const yy = Float64Array.from(y.toTypedArray()).reduce((s, v) => s + v * v, 0) / n
  const ours = async (): Promise<Answer & { readonly lambdas: number[] }> => {
    const start = process.cpuUsage()
    const lambdas: number[] = []
    let [gap, nonzeros] = [0, 0]
    for await (const fit of lambdaPath({ loss: leastSquares(X, y), penalty, ratio, tolerance: TOLERANCE })) {
      lambdas.push(fit.lambda)
      gap = Math.max(gap, fit.gap / yy)
      nonzeros = fit.nonzeros
    }
    const { user, system } = process.cpuUsage(start)
    return { ms: (user + system) / 1000, gap, nonzeros, lambdas }
  }
  let { lambdas } = await ours()
  // The engine compiles what has run for a while.
  for (let i = 0, end = performance.now() + 500; performance.now() < end && i < 20; i++)
    lambdas = (await ours()).lambdas
  const files = { X: join(folder, 'X'), y: join(folder, 'y') }
  writeFileSync(files.X, Float64Array.from((transpose(X) as Tensor).toTypedArray()))
  writeFileSync(files.y, Float64Array.from(y.toTypedArray()))
  const request = { ...files, n, p, lambdas, rho, group, tolerance: TOLERANCE, violation: TOLERANCE }
  const runs: Record<string, () => Promise<Answer>> = { ours }
  if (group === 0) runs['scikit-learn'] = () => ask({ ...request, peer: 'scikit-learn' })
  runs.skglm = () => ask({ ...request, peer: 'skglm' })
  const answers = Object.fromEntries(Object.keys(runs).map((who) => [who, [] as Answer[]]))
  // Numba compiles at the first call.
  await ask({ ...request, lambdas: lambdas.slice(0, 2), peer: 'skglm' })
  for (let round = 0; round < ROUNDS; round++)
    for (const [who, run] of Object.entries(runs))
      if (!((answers[who]!.at(-1)?.ms ?? 0) > LONG)) answers[who]!.push(await run())
  const time = (who: string) => median(answers[who]!.map((a) => a.ms))
  const cell = (who: string) =>
    answers[who] === undefined
      ? '-'
      : `${time(who).toFixed(time(who) < 20 ? 1 : 0)} ms (${answers[who][0]!.gap.toExponential(0)})`
  const versus = (who: string) => (answers[who] === undefined ? '-' : (time(who) / time('ours')).toFixed(1))
  const columns = [
    `${kind}, ${name}`,
    cell('ours'),
    cell('scikit-learn'),
    cell('skglm'),
    versus('scikit-learn'),
    versus('skglm'),
  ]
  console.log(`| ${columns.join(' | ')} |`)
}

const versions = JSON.parse((await lines.next()).value)
console.log(
  `node ${process.version}, scikit-learn ${versions.sklearn}, skglm ${versions.skglm}, medians of ${ROUNDS}\n`,
)
console.log('| path | ours | scikit-learn | skglm | scikit-learn / ours | skglm / ours |')
console.log('| --- | --- | --- | --- | --- | --- |')
const tall = drawn(1000, 500, 1e-3, 1)
const wide = drawn(500, 5000, 1e-2, 2)
for (const data of [diabetes(), tall, wide])
  for (const [kind, rho] of [
    ['lasso', 1],
    ['elastic net', 0.5],
  ] as const)
    await compare(data, kind, rho, 0)
for (const data of [tall, { ...wide, ratio: 0.05 }])
  await compare(data, `group lasso, ${data.X.shape[1]! / 10} groups`, 1, 10)
child.stdin.end()
rmSync(folder, { recursive: true })
