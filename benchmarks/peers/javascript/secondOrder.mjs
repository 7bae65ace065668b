// Which peers can be compared in a gradient penalty: the gradient of Σ‖∂critic/∂x‖² with respect to the
// weights, by their nested reverse mode and by differences of their own values.
// PEERS_NODE_MODULES=... node benchmarks/peers/javascript/secondOrder.mjs

import { pathToFileURL } from 'node:url'
import { load } from './peer.mjs'

const tf = load('@tensorflow/tfjs')
const jax = await import(pathToFileURL(load.resolve('@jax-js/jax')).href)
const np = jax.numpy
await tf.setBackend('cpu')
await jax.init('wasm')
jax.defaultDevice('wasm')

const numbers = (n, seed) => Array.from({ length: n }, (_, i) => Math.sin(seed + 1.7 * i))
const shapes = { w1: [16, 4], b1: [4], w2: [4, 2] }
const start = { w1: numbers(64, 1), b1: numbers(4, 2), w2: numbers(8, 3) }
const x = numbers(80, 4)

const tfjs = (activation) => ({
  make: (v, shape) => tf.tensor(v, shape),
  read: (t) => t.dataSync(),
  grad: tf.grad,
  penalty: ({ w1, b1, w2 }) =>
    tf
      .grad((v) => activation(v.matMul(w1).add(b1)).matMul(w2).sum())(tf.tensor(x, [5, 16]))
      .square()
      .sum(),
})
const jaxjs = (slopes) => ({
  make: (v, shape) => np.array(v).reshape(shape),
  read: (t) => t.dataSync(),
  grad: jax.grad,
  penalty: (weights) => np.square(slopes(np.array(x).reshape([5, 16]), weights)).sum(),
})
const critic = (v, w1, b1, w2) => np.matmul(np.tanh(np.matmul(v, w1).add(b1)), w2).sum()

const peers = {
  'tfjs, tanh': tfjs((z) => z.tanh()),
  'tfjs, square': tfjs((z) => z.square()),
  'jax-js, tanh, weights passed': jaxjs((v, { w1, b1, w2 }) => jax.grad(critic)(v, w1, b1, w2)),
  'jax-js, tanh, weights closed over': jaxjs((v, { w1, b1, w2 }) =>
    jax.grad((u) => critic(u, w1, b1, w2))(v),
  ),
}

const show = (values) => values.map((v) => v.toFixed(3).padStart(8)).join('')

for (const [name, { make, read, grad, penalty }] of Object.entries(peers))
  for (const own of Object.keys(shapes)) {
    const at = (values, symbol) =>
      penalty(
        Object.fromEntries(
          Object.entries(shapes).map(([key, shape]) => [
            key,
            key === own ? (symbol ?? make(values, shape)) : make(start[key], shape),
          ]),
        ),
      )
    const moved = (i, h) => read(at(start[own].map((v, k) => (k === i ? v + h : v))))[0]
    const slope = (i, h) => (moved(i, h) - moved(i, -h)) / (2 * h)
    const differences = [0, 1, 2, 3].map((i) => (4 * slope(i, 0.005) - slope(i, 0.01)) / 3)
    let found
    try {
      found = show([...read(grad((v) => at(start[own], v))(make(start[own], shapes[own])))].slice(0, 4))
    } catch (error) {
      found = String(error).split('\n')[0]
    }
    console.log(`${name}, ${own}: differences ${show(differences)}; its gradient ${found}`)
  }
