// The rows in jax-js on its WebAssembly backend, each one jitted function. Arrays are counted: `ref` where one is used
// again. Its convolutions have channels first.
import { load, oneHot, sample } from './peer.mjs'

const {
  blockUntilReady,
  init,
  defaultDevice,
  grad,
  jit,
  lax,
  nn,
  numpy: np,
  tree,
  valueAndGrad,
} = load('@jax-js/jax')
await init('wasm')
defaultDevice('wasm')

const arrays = ({ row, tensors }) =>
  Object.fromEntries(
    Object.entries(row.tensors).map(([name, { shape, classes }]) => {
      const values = classes ? oneHot(tensors[name], classes) : tensors[name]
      const data = row.dtype === 'float64' ? values : Float32Array.from(values)
      return [name, np.array(data).reshape(classes ? [...shape, classes] : shape)]
    }),
  )

const operation = (f) => (given) => {
  const args = Object.values(arrays(given))
  const g = jit(f)
  const run = () => g(...args.map((x) => x.ref))
  return {
    call: async () => {
      const out = run()
      await blockUntilReady(out)
      tree.dispose(out)
    },
    check: () => tree.leaves(run()).flatMap((x) => sample(x.dataSync())),
  }
}

/** A step that is given its state and hands the next one on. */
const stepping = (step, start, ...rest) => {
  let state = start
  const run = async () => {
    const [value, next] = step(state, ...rest.map((x) => x.ref))
    state = next
    await blockUntilReady([value, next])
    return value
  }
  return {
    call: async () => (await run()).dispose(),
    check: async () => {
      const values = []
      for (let i = 0; i < 3; i++) values.push((await run()).item())
      return values
    },
  }
}

const descent = (params, objective, rate, ...rest) =>
  stepping(
    jit((p, ...inputs) => {
      const [value, g] = valueAndGrad(objective)(tree.ref(p), ...inputs)
      return [value, tree.map((w, d) => w.sub(d.mul(rate)), p, g)]
    }),
    params,
    ...rest,
  )

const crossEntropy = (logits, labels) => nn.logSoftmax(logits).mul(labels.ref).sum(-1).mean().neg()

const adamStart = (p) => ({
  count: np.zeros([]),
  m: tree.map((x) => np.zeros(x.shape), p),
  v: tree.map((x) => np.zeros(x.shape), p),
})

const adamUpdate = (p, g, opt) => {
  const count = opt.count.add(1)
  const m = tree.map((x, d) => x.mul(0.9).add(d.ref.mul(0.1)), opt.m, g)
  const v = tree.map((x, d) => x.mul(0.999).add(np.square(d.ref).mul(0.001)), opt.v, g)
  const rest = (decay) =>
    np
      .exp(count.ref.mul(Math.log(decay)))
      .neg()
      .add(1)
  const [c1, c2] = [rest(0.9), rest(0.999)]
  const move = (x, a, b) =>
    x.sub(
      a.ref
        .div(c1.ref)
        .div(np.sqrt(b.ref.div(c2.ref)).add(1e-8))
        .mul(1e-3),
    )
  return [tree.map(move, p, m, v), { count, m, v }]
}

const mlp = (given) => {
  const { x, y, ...params } = arrays(given)
  const count = Object.keys(params).length / 2
  const objective = (p, input, labels) => {
    let z = input
    let penalty = 0
    for (let i = 1; i <= count; i++) {
      const w = p[`w${i}`]
      z = np.matmul(z, w.ref).add(p[`b${i}`].ref)
      if (i < count) z = nn.relu(z)
      const one = np.abs(w.ref).sum().mul(1e-5).add(np.square(w.ref).sum().mul(1e-4))
      penalty = penalty === 0 ? one : penalty.add(one)
    }
    return crossEntropy(z, labels).add(penalty)
  }
  const step = jit((state, input, labels) => {
    const [value, g] = valueAndGrad(objective)(tree.ref(state.params), input, labels)
    const [next, opt] = adamUpdate(state.params, g, state.opt)
    return [value, { params: next, opt }]
  })
  return stepping(step, { params, opt: adamStart(params) }, x, y)
}

const convnet = (given) => {
  const t = arrays(given)
  const params = {
    w1: np.transpose(t.w1, [3, 2, 0, 1]),
    b1: t.b1.reshape([1, 16, 1, 1]),
    w2: np.transpose(t.w2, [3, 2, 0, 1]),
    b2: t.b2.reshape([1, 32, 1, 1]),
    w3: np.transpose(t.w3.reshape([7, 7, 32, 10]), [2, 0, 1, 3]).reshape([1568, 10]),
    b3: t.b3,
  }
  const layer = (z, w, b) =>
    lax.reduceWindow(
      nn.relu(lax.convGeneralDilated(z, w.ref, [1, 1], 'SAME').add(b.ref)),
      np.max,
      [1, 1, 2, 2],
      [1, 1, 2, 2],
    )
  const objective = (p, x, y) => {
    const z = layer(layer(x, p.w1, p.b1), p.w2, p.b2)
    return crossEntropy(np.matmul(z.reshape([32, 1568]), p.w3.ref).add(p.b3.ref), y)
  }
  return descent(params, objective, 0.01, np.transpose(t.x, [0, 3, 1, 2]), t.y)
}

/** There is no scan: the steps are unrolled. */
const lstm = (given) => {
  const { x, ...params } = arrays(given)
  const objective = (p, input) => {
    const all = np.matmul(input, p.kernel.ref).add(p.bias.ref)
    let [h, c] = [np.zeros([32, 64]), np.zeros([32, 64])]
    for (const z of np.split(all, 32, 1)) {
      const [i, f, g, o] = np.split(z.reshape([32, 256]).add(np.matmul(h, p.recurrent.ref)), 4, 1)
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)))
      h = nn.sigmoid(o).mul(np.tanh(c.ref))
    }
    return np.square(h).mean()
  }
  return descent(params, objective, 0.01, x)
}

const layerNorm = (x, s, b) => {
  const centred = x.ref.sub(np.mean(x.ref, -1, { keepdims: true }))
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true })
  return centred
    .div(np.sqrt(variance.add(1e-5)))
    .mul(s.ref)
    .add(b.ref)
}

const transformer = (given) => {
  const { x, ...params } = arrays(given)
  const [batch, time, width] = given.row.tensors.x.shape
  const heads = given.option('heads')
  const block = (z, p) => {
    const dense = (input, name) => np.matmul(input.ref, p(`w${name}`).ref).add(p(`b${name}`).ref)
    const before = layerNorm(z, p('n1s'), p('n1b'))
    const [q, k, v] = ['q', 'k', 'v'].map((name) =>
      np.transpose(dense(before, name).reshape([batch, time, heads, width / heads]), [0, 2, 1, 3]),
    )
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(width / heads))
    const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3])
    const middle = z.ref.add(dense(mixed.reshape([batch, time, width]), 'o'))
    const inner = nn.gelu(dense(layerNorm(middle, p('n2s'), p('n2b')), 'h'), { approximate: false })
    return middle.ref.add(dense(inner, 'z'))
  }
  const objective = (p, input) => {
    let z = input
    for (let i = 0; i < given.option('blocks'); i++) z = block(z, (name) => p[`${i}.${name}`])
    return np.square(z).mean()
  }
  return descent(params, objective, given.option('rate'), x)
}

const wgan = (given) => {
  const { real, fake, ...params } = arrays(given)
  const objective = (p, a, b) => {
    // The weights are closed over: as an argument that is not differentiated they would be held constant.
    const critic = (x) => np.matmul(np.tanh(np.matmul(x.ref, p.w1.ref).add(p.b1.ref)), p.w2.ref).sum(-1)
    const slopes = grad((x) => critic(x).sum())(a.ref.add(b.ref).mul(0.5))
    const lengths = np.sqrt(np.square(slopes).sum(-1))
    return critic(b)
      .mean()
      .sub(critic(a).mean())
      .add(np.square(lengths.sub(1)).mean().mul(10))
  }
  return descent(params, objective, 1e-3, real, fake)
}

const adam = (given) => {
  const { p, g } = arrays(given)
  const step = jit((params, opt, d) => adamUpdate(params, d, opt))
  let state = [p, adamStart(p)]
  const call = async () => {
    state = step(...state, g.ref)
    await blockUntilReady(state)
  }
  return {
    call,
    check: async () => {
      for (let i = 0; i < 3; i++) await call()
      return sample(state[0].ref.dataSync())
    },
  }
}

export const kinds = {
  matmul: operation((a, b) => np.matmul(a, b)),
  sum: operation((x) => x.sum()),
  exp: operation((x) => np.exp(x)),
  tanh: operation((x) => np.tanh(x)),
  softmax: operation((x, c) => grad((z) => nn.softmax(z, -1).mul(c.ref).sum())(x)),
  layernorm: operation((x, c, s, b) =>
    grad((z, scale, bias) => layerNorm(z, scale, bias).mul(c.ref).sum(), { argnums: [0, 1, 2] })(x, s, b),
  ),
  identity: operation((x) => x),
  five: operation((x) => np.sqrt(np.square(x.ref).mul(0.5).add(1)).mul(x)),
  mlp,
  convnet,
  lstm,
  transformer,
  wgan,
  adam,
}
