// The rows in TensorFlow.js on its WebAssembly backend: eager operations in `tidy`, optimisers of its own.
import { load, oneHot, sample } from './peer.mjs'

const tf = load('@tensorflow/tfjs')
const wasm = load('@tensorflow/tfjs-backend-wasm')
wasm.setThreadsCount?.(1)
if (!(await tf.setBackend('wasm'))) throw new Error('no WebAssembly backend')
await tf.ready()

const arrays = ({ row, tensors }) =>
  Object.fromEntries(
    Object.entries(row.tensors).map(([name, { shape, classes }]) => [
      name,
      classes
        ? tf.tensor(oneHot(tensors[name], classes), [...shape, classes])
        : tf.tensor(Float32Array.from(tensors[name]), shape),
    ]),
  )

const listed = (out) => (Array.isArray(out) ? out : [out])

const operation = (f) => (given) => {
  const args = Object.values(arrays(given))
  return {
    call: () => {
      for (const x of listed(tf.tidy(() => f(...args)))) x.dispose()
    },
    check: () => listed(tf.tidy(() => f(...args))).flatMap((x) => sample(x.dataSync())),
  }
}

/** A step of one of its optimisers on variables. */
const training = (params, optimizer, objective) => {
  const p = Object.fromEntries(Object.entries(params).map(([name, x]) => [name, tf.variable(x)]))
  const step = () => optimizer.minimize(() => objective(p), true, Object.values(p))
  return {
    call: () => step().dispose(),
    check: () => [0, 1, 2].map(() => step().dataSync()[0]),
  }
}

const mlp = (given) => {
  const { x, y, ...params } = arrays(given)
  const count = Object.keys(params).length / 2
  return training(params, tf.train.adam(1e-3, 0.9, 0.999, 1e-8), (p) => {
    let z = x
    let value = tf.scalar(0)
    for (let i = 1; i <= count; i++) {
      const w = p[`w${i}`]
      z = z.matMul(w).add(p[`b${i}`])
      if (i < count) z = z.relu()
      value = value.add(w.abs().sum().mul(1e-5)).add(w.square().sum().mul(1e-4))
    }
    return tf.losses.softmaxCrossEntropy(y, z).add(value)
  })
}

const convnet = (given) => {
  const { x, y, ...params } = arrays(given)
  const layer = (z, w, b) => tf.conv2d(z, w, 1, 'same').add(b).relu().maxPool(2, 2, 'valid')
  return training(params, tf.train.sgd(0.01), (p) => {
    const z = layer(layer(x, p.w1, p.b1), p.w2, p.b2).reshape([32, 1568])
    return tf.losses.softmaxCrossEntropy(y, z.matMul(p.w3).add(p.b3))
  })
}

const lstm = (given) => {
  const { x, ...params } = arrays(given)
  return training(params, tf.train.sgd(0.01), (p) => {
    const all = x.reshape([1024, 64]).matMul(p.kernel).add(p.bias).reshape([32, 32, 256])
    let [h, c] = [tf.zeros([32, 64]), tf.zeros([32, 64])]
    for (const z of all.unstack(1)) {
      const [i, f, g, o] = z.add(h.matMul(p.recurrent)).split(4, 1)
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
      h = o.sigmoid().mul(c.tanh())
    }
    return h.square().mean()
  })
}

const layerNorm = (x, s, b) => {
  const centred = x.sub(x.mean(-1, true))
  return centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt()).mul(s).add(b)
}

const transformer = (given) => {
  const { x, ...params } = arrays(given)
  const [batch, time, width] = x.shape
  const heads = given.option('heads')
  const block = (z, p) => {
    const dense = (input, name) => {
      const flat = input
        .reshape([batch * time, -1])
        .matMul(p(`w${name}`))
        .add(p(`b${name}`))
      return flat.reshape([batch, time, -1])
    }
    const before = layerNorm(z, p('n1s'), p('n1b'))
    const [q, k, v] = ['q', 'k', 'v'].map((name) =>
      dense(before, name)
        .reshape([batch, time, heads, width / heads])
        .transpose([0, 2, 1, 3]),
    )
    const weights = q
      .matMul(k, false, true)
      .div(Math.sqrt(width / heads))
      .softmax()
    const mixed = weights.matMul(v).transpose([0, 2, 1, 3]).reshape([batch, time, width])
    const middle = z.add(dense(mixed, 'o'))
    const inner = dense(layerNorm(middle, p('n2s'), p('n2b')), 'h')
    return middle.add(dense(inner.mul(inner.mul(Math.SQRT1_2).erf().add(1).mul(0.5)), 'z'))
  }
  return training(params, tf.train.sgd(given.option('rate')), (p) => {
    let z = x
    for (let i = 0; i < given.option('blocks'); i++) z = block(z, (name) => p[`${i}.${name}`])
    return z.square().mean()
  })
}

const wgan = (given) => {
  const { real, fake, ...params } = arrays(given)
  return training(params, tf.train.sgd(1e-3), (p) => {
    const critic = (x) => x.matMul(p.w1).add(p.b1).tanh().matMul(p.w2).sum(1)
    const slopes = tf.grad((x) => critic(x).sum())(real.add(fake).mul(0.5))
    const penalty = slopes.square().sum(1).sqrt().sub(1).square().mean().mul(10)
    return critic(fake).mean().sub(critic(real).mean()).add(penalty)
  })
}

const adam = (given) => {
  const { p, g } = arrays(given)
  const variable = tf.variable(p)
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8)
  const call = () => optimizer.applyGradients([{ name: variable.name, tensor: g }])
  return {
    call,
    check: () => {
      for (let i = 0; i < 3; i++) call()
      return sample(variable.dataSync())
    },
  }
}

export const kinds = {
  matmul: operation((a, b) => a.matMul(b)),
  sum: operation((x) => x.sum()),
  exp: operation((x) => x.exp()),
  tanh: operation((x) => x.tanh()),
  softmax: operation((x, c) => tf.grad((z) => z.softmax().mul(c).sum())(x)),
  layernorm: operation((x, c, s, b) =>
    tf.grads((z, scale, bias) => layerNorm(z, scale, bias).mul(c).sum())([x, s, b]),
  ),
  five: operation((x) => x.square().mul(0.5).add(1).sqrt().mul(x)),
  mlp,
  convnet,
  lstm,
  transformer,
  wgan,
  adam,
}
