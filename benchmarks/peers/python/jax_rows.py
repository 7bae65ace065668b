"""The rows in JAX: one jitted function each, with its state donated."""

import functools

import jax
import jax.numpy as jnp


def sample(x):
    x = x.ravel()
    return [float(x[0]), float(x[x.size // 2]), float(x[-1])]


def tensors_of(arrays):
    return {name: jnp.asarray(a) for name, a in arrays.items()}


def operation(f):
    def make(arrays, options):
        args, g = list(tensors_of(arrays).values()), jax.jit(f)
        return (
            lambda: jax.block_until_ready(g(*args)),
            lambda: [v for t in jax.tree.leaves(g(*args)) for v in sample(t)],
        )

    return make


def stepping(step, state, *rest):
    def call():
        nonlocal state
        value, state = step(state, *rest)
        return jax.block_until_ready((value, state))[0]

    return call, lambda: [float(call()) for _ in range(3)]


def descent(params, objective, rate, *rest):
    @functools.partial(jax.jit, donate_argnums=0)
    def step(p, *rest):
        value, g = jax.value_and_grad(objective)(p, *rest)
        return value, jax.tree.map(lambda w, d: w - rate * d, p, g)

    return stepping(step, params, *rest)


def cross_entropy(logits, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()


def adam_update(params, grads, opt):
    count, m, v = opt
    count = count + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
    c1, c2 = 1 - 0.9**count, 1 - 0.999**count
    params = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), params, m, v)
    return params, (count, m, v)


def adam_start(params):
    return jnp.zeros(()), jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params)


def mlp(arrays, options):
    t = tensors_of(arrays)
    x, y = t.pop("x"), t.pop("y")
    count = len(t) // 2

    def objective(p, x, y):
        z = x
        for i in range(1, count + 1):
            z = z @ p[f"w{i}"] + p[f"b{i}"]
            z = jax.nn.relu(z) if i < count else z
        weights = [p[f"w{i}"] for i in range(1, count + 1)]
        return cross_entropy(z, y) + sum(1e-5 * jnp.abs(w).sum() + 1e-4 * (w * w).sum() for w in weights)

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state, x, y):
        params, opt = state
        value, grads = jax.value_and_grad(objective)(params, x, y)
        return value, adam_update(params, grads, opt)

    return stepping(step, (t, adam_start(t)), x, y)


def convnet(arrays, options):
    t = tensors_of(arrays)
    x, y = t.pop("x"), t.pop("y")

    def layer(z, w, b):
        z = jax.lax.conv_general_dilated(z, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return jax.lax.reduce_window(jax.nn.relu(z + b), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def objective(p, x, y):
        z = layer(layer(x, p["w1"], p["b1"]), p["w2"], p["b2"])
        return cross_entropy(z.reshape(32, 1568) @ p["w3"] + p["b3"], y)

    return descent(t, objective, 0.01, x, y)


def lstm(arrays, options):
    t = tensors_of(arrays)
    x = t.pop("x")

    def objective(p, x):
        inputs = jnp.swapaxes(x @ p["kernel"] + p["bias"], 0, 1)
        zero = jnp.zeros((32, 64))

        def cell(carry, z):
            h, c = carry
            i, f, g, o = jnp.split(z + h @ p["recurrent"], 4, 1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        return (jax.lax.scan(cell, (zero, zero), inputs)[0][0] ** 2).mean()

    return descent(t, objective, 0.01, x)


def layer_norm(x, s, b):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * s + b


def transformer(arrays, options):
    t = tensors_of(arrays)
    x = t.pop("x")
    heads, blocks = options["heads"], options["blocks"]
    batch, time, width = x.shape

    def block(x, p):
        def dense(z, name):
            return z @ p("w" + name) + p("b" + name)

        z = layer_norm(x, p("n1s"), p("n1b"))
        q, k, v = (dense(z, name).reshape(batch, time, heads, -1) for name in "qkv")
        x = x + dense(jax.nn.dot_product_attention(q, k, v).reshape(batch, time, width), "o")
        z = layer_norm(x, p("n2s"), p("n2b"))
        return x + dense(jax.nn.gelu(dense(z, "h"), approximate=False), "z")

    def objective(p, x):
        for i in range(blocks):
            x = block(x, lambda name: p[f"{i}.{name}"])
        return (x**2).mean()

    return descent(t, objective, options["rate"], x)


def wgan(arrays, options):
    t = tensors_of(arrays)
    real, fake = t.pop("real"), t.pop("fake")

    def objective(p, real, fake):
        def critic(x):
            return (jnp.tanh(x @ p["w1"] + p["b1"]) @ p["w2"]).sum(1)

        slopes = jax.grad(lambda x: critic(x).sum())((real + fake) / 2)
        penalty = 10 * ((jnp.sqrt((slopes**2).sum(1)) - 1) ** 2).mean()
        return critic(fake).mean() - critic(real).mean() + penalty

    return descent(t, objective, 1e-3, real, fake)


def adam(arrays, options):
    t = tensors_of(arrays)
    p, g = t["p"], t["g"]

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state, g):
        return adam_update(state[0], g, state[1])

    state = (p, adam_start(p))

    def call():
        nonlocal state
        state = jax.block_until_ready(step(state, g))

    def check():
        for _ in range(3):
            call()
        return sample(state[0])

    return call, check


def gradient(f, count):
    """Of the sum of f·c with respect to all arguments but c, which is the second."""

    def g(x, c, *rest):
        return jax.grad(lambda *a: (f(*a) * c).sum(), argnums=tuple(range(count)))(x, *rest)

    return operation(g)


def kinds(threads, dtype):
    jax.config.update("jax_enable_x64", dtype == "float64")
    return {
        "matmul": operation(jnp.matmul),
        "sum": operation(jnp.sum),
        "exp": operation(jnp.exp),
        "tanh": operation(jnp.tanh),
        "softmax": gradient(jax.nn.softmax, 1),
        "layernorm": gradient(layer_norm, 3),
        "identity": operation(lambda x: x),
        "five": operation(lambda x: jnp.sqrt(jnp.square(x) * 0.5 + 1) * x),
        "mlp": mlp,
        "convnet": convnet,
        "lstm": lstm,
        "transformer": transformer,
        "wgan": wgan,
        "adam": adam,
    }
