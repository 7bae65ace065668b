import { mlpStep, SIZES } from './training/mlp.js'
const [,, name = 'tiny', n = '20000'] = process.argv
const { layers, batch } = (SIZES as any)[name]
const m = mlpStep(layers, batch)
for (let i = 0; i < Number(n) / 10; i++) m.run()
const c = process.cpuUsage(); const t = performance.now()
for (let i = 0; i < Number(n); i++) m.run()
const d = process.cpuUsage(c)
console.log(name, 'cpu µs/step', ((d.user + d.system) / Number(n)).toFixed(2), 'wall', ((performance.now() - t) * 1000 / Number(n)).toFixed(2))
