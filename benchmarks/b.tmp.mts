import { mlpStep, SIZES } from './training/mlp.js'
const only = process.argv[2]
for (const [name, { layers, batch }] of Object.entries(SIZES)) {
  if (only && only !== name) continue
  const m = mlpStep(layers, batch)
  const t0 = performance.now()
  let v = m.run()
  const first = performance.now() - t0
  const n = name === 'wide' ? 20 : name === 'digits' ? 200 : 5000
  const times: number[] = []
  for (let i = 0; i < n; i++) { const t = performance.now(); v = m.run(); times.push(performance.now() - t) }
  times.sort((a, b) => a - b)
  console.log(name, 'first', first.toFixed(1), 'median', times[n >> 1]!.toFixed(4), 'min', times[0]!.toFixed(4), 'loss', v.item())
}
