import { readFileSync } from 'node:fs'
import { type Tensor, tensor } from '@cotangent/core'
import { dataset } from '@cotangent/train'

/** The columns as the literature calls them. */
export const NAMES = ['age', 'sex', 'bmi', 'bp', 's1', 's2', 's3', 's4', 's5', 's6'] as const

/** The patients: x in columns of mean 0 and Euclidean norm 1, y moved to mean 0; float64. */
export const diabetes = async (): Promise<{ readonly X: Tensor; readonly y: Tensor; readonly n: number }> => {
  const text = readFileSync(new URL('../../data/diabetes/diabetes.csv', import.meta.url), 'utf8')
  const { x, y } = await dataset.fromCsv(text, { target: 'progression', dtype: 'float64' })
  const [n, p] = x.shape as [number, number]
  const from = x.toTypedArray()
  const out = new Float64Array(n * p)
  for (let k = 0; k < p; k++) {
    const column = Array.from({ length: n }, (_, i) => from[i * p + k]!)
    const centre = column.reduce((a, b) => a + b, 0) / n
    const length = Math.sqrt(column.reduce((s, v) => s + (v - centre) ** 2, 0))
    for (let i = 0; i < n; i++) out[i * p + k] = (column[i]! - centre) / length
  }
  const answers = Array.from(y.toTypedArray())
  const centre = answers.reduce((a, b) => a + b, 0) / n
  return {
    X: tensor(out, { shape: [n, p] }) as Tensor,
    y: tensor(Float64Array.from(answers, (v) => v - centre)) as Tensor,
    n,
  }
}
