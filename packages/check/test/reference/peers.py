"""The wrong rules and the correct but nasty functions of this package's tests, given to the checkers of PyTorch and JAX.

One run makes the whole comparison: it starts ours.ts for the verdicts of @cotangent/check, and writes peers.json.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 jax==0.10.2
    venv/bin/python packages/check/test/reference/peers.py

torch: torch.autograd.gradcheck, slow and fast, in float64, with default settings; gradgradcheck as well where the rule is
wrong at the second order only. jax: jax.test_util.check_grads of order 1, or 2 there, with default settings, x64 enabled.
A checker that raises or refuses has caught the rule, or, on a correct function, has given a false alarm.
"""

import json
import math
import pathlib
import subprocess
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax.test_util import check_grads

jax.config.update("jax_enable_x64", True)
warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[3]


class Torch:
    """The names that the tables below use, as PyTorch has them."""

    def __getattr__(self, name):
        return getattr(torch, name)

    array = staticmethod(lambda x: torch.tensor(x, dtype=torch.float64))
    max = staticmethod(lambda x: torch.amax(x))
    maximum = staticmethod(lambda x, y: torch.maximum(x, torch.as_tensor(y, dtype=x.dtype)))
    minimum = staticmethod(lambda x, y: torch.minimum(x, torch.as_tensor(y, dtype=x.dtype)))
    sort = staticmethod(lambda x: torch.sort(x).values)
    cumsum = staticmethod(lambda x: torch.cumsum(x, 0))
    cumprod = staticmethod(lambda x: torch.cumprod(x, 0))
    flip = staticmethod(lambda x: torch.flip(x, [0]))
    where = staticmethod(lambda c, a, b: torch.where(c, a, b))
    softmax = staticmethod(lambda x: torch.softmax(x, -1))
    logsumexp = staticmethod(lambda x: torch.logsumexp(x, -1))
    relu = staticmethod(torch.relu)
    silu = staticmethod(torch.nn.functional.silu)
    softplus = staticmethod(torch.nn.functional.softplus)
    var = staticmethod(lambda x: torch.var(x, unbiased=False))
    std = staticmethod(lambda x: torch.std(x, unbiased=False))
    norm = staticmethod(torch.linalg.norm)
    det = staticmethod(torch.linalg.det)
    solve = staticmethod(torch.linalg.solve)
    eigvalsh = staticmethod(torch.linalg.eigvalsh)
    cbrt = staticmethod(lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3))
    stop = staticmethod(lambda x: x.detach())
    f32 = staticmethod(lambda x: x.to(torch.float32))
    take = staticmethod(lambda x, i: x[torch.tensor(i)] if isinstance(i, list) else x[i])
    scatter = staticmethod(lambda x, i, u: torch.zeros_like(x).index_add(0, torch.tensor(i), u))


class Jax:
    """The same names as JAX has them."""

    def __getattr__(self, name):
        return getattr(jnp, name)

    array = staticmethod(lambda x: jnp.array(x, dtype=jnp.float64))
    rsqrt = staticmethod(jax.lax.rsqrt)
    erf = staticmethod(jax.scipy.special.erf)
    sigmoid = staticmethod(jax.nn.sigmoid)
    relu = staticmethod(jax.nn.relu)
    silu = staticmethod(jax.nn.silu)
    softplus = staticmethod(jax.nn.softplus)
    softmax = staticmethod(jax.nn.softmax)
    logsumexp = staticmethod(jax.scipy.special.logsumexp)
    norm = staticmethod(jnp.linalg.norm)
    det = staticmethod(jnp.linalg.det)
    solve = staticmethod(jnp.linalg.solve)
    eigvalsh = staticmethod(jnp.linalg.eigvalsh)
    flip = staticmethod(lambda x: jnp.flip(x, 0))
    stop = staticmethod(jax.lax.stop_gradient)
    f32 = staticmethod(lambda x: x.astype(jnp.float32))
    take = staticmethod(lambda x, i: x[jnp.array(i)] if isinstance(i, list) else x[i])
    scatter = staticmethod(lambda x, i, u: jnp.zeros_like(x).at[jnp.array(i)].add(u))


T, J = Torch(), Jax()
many = [i / 16 for i in range(40)]
one_wrong = lambda n, value: n.array([value if i == 17 else 1.0 for i in range(40)])
tanh_slope = lambda y: 1 - y * y


def safe(n, x):
    return n.where(x == 0, n.ones_like(x), x)


def sinc(n, x):
    return n.where(x == 0, n.ones_like(x), n.sin(x) / safe(n, x))


def sinc_slope(n, x):
    z = safe(n, x)
    return (z * n.cos(z) - n.sin(z)) / (z * z)


one = lambda n, x: n.ones_like(x)

# name: (f(n, x), slope(n, x, y), at); test/mutations/elementwise.ts
ELEMENTWISE = {
    "negCos": (lambda n, x: n.cos(x), lambda n, x, y: n.sin(x), [0.5, 1]),
    "coshMinus": (lambda n, x: n.cosh(x), lambda n, x, y: -n.sinh(x), [0.5, 1]),
    "rsqrtPlus": (lambda n, x: n.rsqrt(x), lambda n, x, y: 0.5 * x**-1.5, [2, 3]),
    "cube": (lambda n, x: x * x * x, lambda n, x, y: 2 * x * x, [1, 2]),
    "cbrtThree": (lambda n, x: n.cbrt(x), lambda n, x, y: 1 / (y * y), [2, 3]),
    "erfPlain": (lambda n, x: n.erf(x), lambda n, x, y: n.exp(-x * x), [0.5, 1]),
    "sinDegrees": (lambda n, x: n.sin(x), lambda n, x, y: n.cos(x) * math.pi / 180, [0.5, 1]),
    "gauss": (lambda n, x: n.exp(-x * x), lambda n, x, y: y, [0.5, 1]),
    "reciprocalOnce": (lambda n, x: 1 / x, lambda n, x, y: -y, [2, 3]),
    "tanOnce": (lambda n, x: n.tan(x), lambda n, x, y: 1 + y, [0.5, 1]),
    "cubeKept": (lambda n, x: x**3, lambda n, x, y: 3 * y, [1, 2]),
    "sqrtArg": (lambda n, x: n.sqrt(x), lambda n, x, y: 1 / (2 * x), [2, 3]),
    "straight": (lambda n, x: n.sin(x), lambda n, x, y: one(n, x), [1, -2]),
    "detached": (lambda n, x: x * x, lambda n, x, y: 0 * one(n, x), [1, -2]),
    "absAbs": (lambda n, x: n.abs(x), lambda n, x, y: n.abs(x), [2, -3]),
    "logOne": (lambda n, x: n.log(x), lambda n, x, y: 0.5 * one(n, x), [1, 3]),
    "log1pShift": (lambda n, x: n.log1p(x), lambda n, x, y: 1 / x, [2, 3]),
    "expm1Result": (lambda n, x: n.expm1(x), lambda n, x, y: y, [0.5, 1]),
    "sinhSame": (lambda n, x: n.sinh(x), lambda n, x, y: y, [0.5, 1]),
    "atanLinear": (lambda n, x: n.arctan(x), lambda n, x, y: 1 / (1 + x), [0.5, 2]),
    "asinPlus": (lambda n, x: n.arcsin(x), lambda n, x, y: n.rsqrt(1 + x * x), [0.5, -0.25]),
    "sigmoidHalf": (lambda n, x: n.sigmoid(x), lambda n, x, y: y, [0.5, -1]),
    "sigmoidPlus": (lambda n, x: n.sigmoid(x), lambda n, x, y: y * (1 + y), [0.5, -1]),
    "softplusSelf": (lambda n, x: n.softplus(x), lambda n, x, y: y, [0.5, -1]),
    "siluFirst": (lambda n, x: n.silu(x), lambda n, x, y: n.sigmoid(x), [0.5, -1]),
    "xlogxFirst": (lambda n, x: x * n.log(x), lambda n, x, y: n.log(x), [0.5, 2]),
    "squareAbs": (lambda n, x: x * x, lambda n, x, y: 2 * n.abs(x), [1, -2]),
    "leaky": (lambda n, x: n.relu(x), lambda n, x, y: n.where(x > 0, one(n, x), 0.01 * one(n, x)), [1, -1]),
    "eluResult": (
        lambda n, x: n.where(x > 0, x, n.expm1(n.minimum(x, 0.0))),
        lambda n, x, y: n.where(x > 0, one(n, x), y),
        [1, -1],
    ),
    "huberSquare": (
        lambda n, x: n.where(n.abs(x) < 1, 0.5 * x * x, n.abs(x) - 0.5),
        lambda n, x, y: x,
        [0.5, 3],
    ),
    "clipThrough": (lambda n, x: n.minimum(n.maximum(x, -1.0), 1.0), lambda n, x, y: one(n, x), [0.5, 3]),
    "relu6Above": (
        lambda n, x: n.minimum(n.relu(x), 6.0),
        lambda n, x, y: n.where(x > 0, one(n, x), 0 * x),
        [3, 7],
    ),
    "expClipped": (lambda n, x: n.exp(x), lambda n, x, y: n.minimum(y, 10.0), [1, 3]),
    "tanh3": (lambda n, x: n.tanh(x), lambda n, x, y: (1 + 1e-3) * tanh_slope(y), [0.3, -1]),
    "tanh6": (lambda n, x: n.tanh(x), lambda n, x, y: (1 + 1e-6) * tanh_slope(y), [0.3, -1]),
    "tanh8": (lambda n, x: n.tanh(x), lambda n, x, y: (1 + 1e-8) * tanh_slope(y), [0.3, -1]),
    "tanh9": (lambda n, x: n.tanh(x), lambda n, x, y: (1 + 1e-9) * tanh_slope(y), [0.3, -1]),
    "tanh12": (lambda n, x: n.tanh(x), lambda n, x, y: (1 + 1e-12) * tanh_slope(y), [0.3, -1]),
    "expTruncated": (lambda n, x: n.exp(1e-3 * x), lambda n, x, y: 1e-3 * (1 + 1e-3 * x), [1, 2]),
    "oneOff": (lambda n, x: n.sin(x), lambda n, x, y: n.cos(x) * one_wrong(n, 1.01), many),
    "oneDropped": (lambda n, x: n.sin(x), lambda n, x, y: n.cos(x) * one_wrong(n, 0.0), many),
    "absOne": (lambda n, x: n.abs(x), lambda n, x, y: n.where(x == 0, one(n, x), n.sign(x)), [0, 2]),
    "reluHalf": (
        lambda n, x: n.relu(x),
        lambda n, x, y: n.where(x == 0, 0.5 * one(n, x), n.where(x > 0, one(n, x), 0 * x)),
        [0, 2],
    ),
    "sincOne": (sinc, lambda n, x, y: n.where(x == 0, one(n, x), sinc_slope(n, x)), [0, 2]),
    "oddSquareOne": (
        lambda n, x: x * n.abs(x),
        lambda n, x, y: n.where(x == 0, one(n, x), 2 * n.abs(x)),
        [0, 2],
    ),
    "reluSquareOne": (
        lambda n, x: n.relu(x) ** 2,
        lambda n, x, y: n.where(x == 0, one(n, x), 2 * n.relu(x)),
        [0, 2],
    ),
}
SECOND = {
    "expStop": (lambda n, x: n.exp(x), lambda n, x, y: n.stop(y), [0.5, 1]),
    "squareStop": (lambda n, x: x * x, lambda n, x, y: x + n.stop(x), [0.5, 1]),
    "sinStop": (lambda n, x: n.sin(x), lambda n, x, y: n.cos(n.stop(x)), [0.5, 1]),
    "tanhStop": (lambda n, x: n.tanh(x), lambda n, x, y: 1 - y * n.stop(y), [0.5, 1]),
    "logStop": (lambda n, x: n.log(x), lambda n, x, y: 1 / n.stop(x), [0.5, 2]),
    "cubeStop9": (
        lambda n, x: x**3,
        lambda n, x, y: 3 * (x * x + 1e-9 * (x * x - n.stop(x) * n.stop(x))),
        [0.5, 2],
    ),
}

A, B = [[1, 2], [3, 5]], [[2, 0], [1, 7]]
TURN = [[0, 1], [-1, 0]]

# name: (f(n, *xs), vjp(n, xs, y, ct), operands); test/mutations/structural.ts
STRUCTURAL = {
    "softmaxDiagonal": (lambda n, x: n.softmax(x), lambda n, xs, y, c: [y * c], [[1, 2, 3]]),
    "normSquare": (lambda n, x: n.norm(x), lambda n, xs, y, c: [xs[0] * c / (y * y)], [[1, 2]]),
    "maxAll": (lambda n, x: n.max(x), lambda n, xs, y, c: [c * one(n, xs[0])], [[1, 3, 2]]),
    "maxTies": (
        lambda n, x: n.max(x),
        lambda n, xs, y, c: [n.where(xs[0] == y, c * one(n, xs[0]), 0 * xs[0])],
        [[3, 1, 3]],
    ),
    "meanSum": (lambda n, x: n.mean(x), lambda n, xs, y, c: [c * one(n, xs[0])], [[1, 3, 2]]),
    "varianceOther": (lambda n, x: n.var(x), lambda n, xs, y, c: [c * (xs[0] - n.mean(xs[0]))], [[1, 3, 2]]),
    "logsumexpRaw": (
        lambda n, x: n.logsumexp(x),
        lambda n, xs, y, c: [c * n.exp(xs[0] - n.max(xs[0]))],
        [[1, 3, 2]],
    ),
    "prodKept": (lambda n, x: n.prod(x), lambda n, xs, y, c: [c * y * one(n, xs[0])], [[1, 3, 2]]),
    "cumsumAgain": (lambda n, x: n.cumsum(x), lambda n, xs, y, c: [n.cumsum(c)], [[1, 3, 2]]),
    "sortKept": (lambda n, x: n.sort(x), lambda n, xs, y, c: [c], [[3, 1, 2]]),
    "sortAgain": (lambda n, x: n.sort(x), lambda n, xs, y, c: [c[n.argsort(xs[0])]], [[3, 1, 2]]),
    "takeOnce": (
        lambda n, x: n.take(x, [0, 2, 0]),
        lambda n, xs, y, c: [n.scatter(xs[0], [0, 2], c[:2])],
        [[1, 2, 3]],
    ),
    "flipKept": (lambda n, x: n.flip(x), lambda n, xs, y, c: [c], [[1, 2, 3]]),
    "spreadBack": (lambda n, x: n.sum(x) * n.array([1, 1, 1]), lambda n, xs, y, c: [c * 1], [[0.5, 1, 2]]),
    "biasRow": (lambda n, x, b: x + b, lambda n, xs, y, c: [c, c[0]], [A, [1, 2]]),
    "biasMean": (lambda n, x, b: x + b, lambda n, xs, y, c: [c, (c[0] + c[1]) / 2], [A, [1, 2]]),
    "product": (lambda n, x, y: x * y, lambda n, xs, y, c: [c * xs[1], 0 * xs[1]], [[1, 2], [3, 4]]),
    "quotient": (
        lambda n, x, y: x / y,
        lambda n, xs, y, c: [-c * xs[0] / xs[1] ** 2, c / xs[1]],
        [[1, 2], [3, 4]],
    ),
    "larger": (
        lambda n, x, y: n.maximum(x, y),
        lambda n, xs, y, c: [n.where(y == xs[0], c, 0 * c), n.where(y == xs[1], c, 0 * c)],
        [[1, 2], [1, 3]],
    ),
    "sinBack": (lambda n, x: n.sin(x), lambda n, xs, y, c: [-c * n.cos(xs[0])], [[0.5, 1]]),
    "clippedBack": (lambda n, x: 2 * x, lambda n, xs, y, c: [n.tanh(c)], [[0.5, 1, 2]]),
    "rotated": (lambda n, x: n.array(TURN) @ x, lambda n, xs, y, c: [n.array(TURN) @ c], [[1, 2]]),
    "product2": (lambda n, a, b: a @ b, lambda n, xs, y, c: [c @ xs[1].T, xs[0] @ c], [A, B]),
    "product1": (lambda n, a, b: a @ b, lambda n, xs, y, c: [c @ xs[1], xs[0].T @ c], [A, B]),
    "outerSwapped": (
        lambda n, x, y: n.outer(x, y),
        lambda n, xs, y, c: [c.T @ xs[1], c @ xs[0]],
        [[1, 2], [3, 5]],
    ),
    "centredKept": (lambda n, x: x - n.mean(x), lambda n, xs, y, c: [c], [[1, 3, 2]]),
    "scaledKept": (lambda n, x: x / n.std(x), lambda n, xs, y, c: [c / n.std(xs[0])], [[1, 3, 2]]),
    "entropyUnlabelled": (
        lambda n, x: n.logsumexp(x) - x[1],
        lambda n, xs, y, c: [c * n.softmax(xs[0])],
        [[1, 3, 2]],
    ),
    "scaledBy": (
        lambda n, x, y: x * n.exp(y),
        lambda n, xs, y, c: [c * n.exp(xs[1]), 0 * xs[1]],
        [[1, 2], [0.5, 1]],
    ),
}
# Right derivatives, wrong batch rules: neither checker looks at those unless asked to.
BATCH = {
    "twice": (lambda n, x: 2 * x, lambda n, xs, y, c: [2 * c], [[1, 2, 3]]),
    "softmaxBatch": (
        lambda n, x: n.softmax(x),
        lambda n, xs, y, c: [y * (c - n.sum(y * c))],
        [[1, 2, 3]],
    ),
    "addBatch": (lambda n, x, y: x + y, lambda n, xs, y, c: [c, c], [[1, 2, 3], [4, 5, 6]]),
}


def loop(n, x):
    c = n.sum(x)
    for i in range(3):
        c = n.sin(c + x[i])
    return c


def logistic(n, c):
    for _ in range(20):
        c = 3.9 * c * (1 - c)
    return n.sum(c)


def newton(n, a):
    x = a
    while abs(float(x) ** 2 - float(a)) > 1e-9:
        x = 0.5 * (x + a / x)
    return x


def newton_jax(n, a):
    step = lambda x: 0.5 * (x + a / x)
    x = a
    for _ in range(5):  # the number that the loop takes at 2; check_grads differentiates under a trace
        x = step(x)
    return x


HILBERT = [[1 / (i + j + 1) for j in range(4)] for i in range(4)]
# test/nasty.ts, by the same names: (f(n, *xs), operands)
NASTY = {
    "relu at ±1e-7": (lambda n, x: n.sum(n.relu(x)), [[1e-7, -1e-7]]),
    "relu near 0, in company": (lambda n, x: n.sum(n.relu(x) * n.exp(x)), [[1e-7, 1, -2, 3]]),
    "log at 1e-8": (lambda n, x: n.sum(n.log(x)), [[1e-8]]),
    "log at 1e-8 and at 1": (lambda n, x: n.sum(n.log(x)), [[1e-8, 1]]),
    "square at 1e10": (lambda n, x: n.sum(x * x), [[1e10, 1]]),
    "|x|^1.5 at 0": (lambda n, x: n.sum(n.abs(x) ** 1.5), [[0, 1]]),
    "|x|^1.5 at 1e-6": (lambda n, x: n.sum(n.abs(x) ** 1.5), [[1e-6]]),
    "x² sin at 1e4": (lambda n, x: n.sum(n.sin(1e4 * x)), [[1, 0.3]]),
    "a sum with a large constant": (lambda n, x: n.sum(1e8 + x * x), [[1, 2]]),
    "an entry that cancels": (lambda n, x: n.sum((x + 1e6) - 1e6), [[0.3]]),
    "saturated tanh": (lambda n, x: n.sum(n.tanh(x)), [[40, -25]]),
    "saturated sigmoid": (lambda n, x: n.sum(n.sigmoid(x)), [[-60, 60, 0]]),
    "softplus far out": (lambda n, x: n.sum(n.softplus(x)), [[-80, 80]]),
    "ties of a maximum": (lambda n, x: n.max(x), [[1, 1, 0]]),
    "ties of two": (lambda n, x, y: n.sum(n.maximum(x, y)), [[1, 2], [1, 3]]),
    "|x| at 0": (lambda n, x: n.sum(n.abs(x)), [[0, -1]]),
    "the norm at 0": (lambda n, x: n.norm(x), [[0, 0]]),
    "a constant": (lambda n, x: n.sum(x * 0), [[1, 2]]),
    "a sum that is always 1": (lambda n, x: n.sum(n.softmax(x)), [[1, 2, 3]]),
    "softmax of large logits": (lambda n, x: n.softmax(x) * n.array([1, 2, 3]), [[1000, 999, -1000]]),
    "logsumexp of large logits": (lambda n, x: n.logsumexp(x), [[1000, 999]]),
    "a product with a zero": (lambda n, x: n.prod(x), [[0, 2, 3]]),
    "a masked singularity": (
        lambda n, x: n.sum(n.where(x > 0, n.log(n.where(x > 0, x, one(n, x))), 0 * x)),
        [[-1, 2]],
    ),
    "single precision": (lambda n, x: n.sum(n.exp(x * x)), ["float32", [0.1, -0.7, 1.3]]),
    "single precision inside": (lambda n, x: n.sum(n.exp(n.f32(x))), [[0.5, 0.25]]),
    "inputs of 1e-150 and 1e150": (lambda n, x: n.sum(n.log(n.abs(x))), [[1e-150, 1e150]]),
    "duplicated indices": (lambda n, x: n.sum(n.take(x, [0, 0, 2]) ** 2), [[1, 2, 3]]),
    "sorting": (lambda n, x: n.sum(n.sort(x) * n.array([1, 2, 3])), [[3, 1, 2]]),
    "a solve": (lambda n, a, b: n.sum(n.solve(a, b) ** 2), [[[2, 1], [0.5, 3]], [1, 2]]),
    "an eigenvalue": (lambda n, a: n.max(n.eigvalsh((a + a.T) / 2)), [[[2, 1], [1, 3]]]),
    "several results": (lambda n, x: (n.exp(x), n.mean(x * x)), [[0.2, 0.5]]),
    "a layer": (lambda n, w, x: n.mean(n.tanh(w @ x) ** 2), [[[1, -2], [0.5, 3]], [0.3, 0.1]]),
    "a loop": (loop, [[0.2, 0.4, 0.8]]),
    "a branch on a value": (lambda n, x: n.sum(n.exp(x)), [[0.5, 1]]),
    "log1p near 0": (lambda n, x: n.sum(n.log1p(x) / x), [[1e-5]]),
    "cancellation by twelve digits, in the value and again in the gradient": (
        lambda n, x: n.sum((1 - n.cos(x)) / (x * x)),
        [[1e-6]],
    ),
    "the tail of erf": (lambda n, x: n.sum(n.erf(x)), [[5, -7]]),
    "variance about a mean of 1e6": (lambda n, x: n.var(x), [[1e6 + 0.25, 1e6 - 0.5, 1e6 + 1]]),
    "expm1(x)/x at 1e-9": (lambda n, x: n.sum(n.expm1(x) / x), [[1e-9, -1e-9]]),
    "sqrt(1 + x) - sqrt(1 - x), over x, at 1e-5": (
        lambda n, x: n.sum((n.sqrt(1 + x) - n.sqrt(1 - x)) / x),
        [[1e-5]],
    ),
    "log of a softmax entry that is nearly 1": (lambda n, x: n.log(n.softmax(x)[0]), [[30, 0, -1]]),
    "a determinant of a Hilbert matrix": (lambda n, a: n.det(a), [HILBERT]),
    "the logistic map, 20 turns": (logistic, [[0.3]]),
    "Newton iteration until it converges": (
        lambda n, a: newton(n, a) if n is T else newton_jax(n, a),
        [2.0],
    ),
    "huge and tiny parts": (
        lambda n, x, y: n.sum(x * x) + n.sum(1e-12 * n.exp(y)),
        [[1e4, -1e4], [1, 2]],
    ),
    "angles near the cut of atan2": (
        lambda n, y, x: n.sum(n.arctan2(y, x)),
        [[1e-8, -1e-8], [-1, -1]],
    ),
    "cumprod with two zeros": (
        lambda n, x: n.sum(n.cumprod(x) * n.array([1, 2, 3, 4])),
        [[2, 0, 3, 0]],
    ),
}


def torch_op(f, vjp):
    class Rule(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *xs):
            y = f(T, *xs)
            ctx.save_for_backward(*xs, y)
            return y

        @staticmethod
        def backward(ctx, ct):
            *xs, y = ctx.saved_tensors
            back = vjp(T, xs, y, ct)
            return back[0] if len(back) == 1 else tuple(back)

    return Rule.apply


def torch_refuses(f, xs, fast, order):
    """Whether gradcheck refuses; an exception is a refusal."""
    try:
        ok = torch.autograd.gradcheck(f, xs, fast_mode=fast)
        if order == 2:
            ok = ok and torch.autograd.gradgradcheck(f, xs, fast_mode=fast)
        return not ok
    except Exception:
        return True


def torch_inputs(xs):
    dtype = torch.float32 if xs[0] == "float32" else torch.float64
    return tuple(torch.tensor(x, dtype=dtype, requires_grad=True) for x in xs if x != "float32")


def jax_inputs(xs):
    dtype = jnp.float32 if xs[0] == "float32" else jnp.float64
    return tuple(jnp.array(x, dtype=dtype) for x in xs if not isinstance(x, str))


def jax_jvp_op(f, slope):
    op = jax.custom_jvp(lambda x: f(J, x))

    @op.defjvp
    def rule(primals, tangents):
        y = op(*primals)
        return y, slope(J, primals[0], y) * tangents[0]

    return op


def jax_vjp_op(f, vjp):
    op = jax.custom_vjp(lambda *xs: f(J, *xs))
    op.defvjp(lambda *xs: (op(*xs), (xs, op(*xs))), lambda res, ct: tuple(vjp(J, res[0], res[1], ct)))
    return op


def jax_refuses(f, xs, order, modes):
    try:
        check_grads(f, xs, order=order, modes=modes)
        return False
    except Exception:
        return True


rows = []


def judge(kind, name, torch_f, jax_f, operands, order, modes):
    """Gives one function to all."""
    xs, zs = torch_inputs(operands), jax_inputs(operands)
    rows.append(
        {
            "kind": kind,
            "name": name,
            "torchSlow": torch_refuses(torch_f, xs, False, order),
            "torchFast": torch_refuses(torch_f, xs, True, order),
            "jax": jax_refuses(jax_f, zs, order, modes),
        }
    )


for table, order in ((ELEMENTWISE, 1), (SECOND, 2)):
    for name, (f, slope, at) in table.items():
        back = lambda n, xs, y, c, slope=slope: [c * slope(n, xs[0], y)]
        a, b = torch_op(f, back), jax_jvp_op(f, slope)
        judge("wrong", name, lambda x, a=a: 3 * a(x), lambda x, b=b: 3 * b(x), [at], order, ("fwd", "rev"))
for table in (STRUCTURAL, BATCH):
    for name, (f, vjp, at) in table.items():
        a, b = torch_op(f, vjp), jax_vjp_op(f, vjp)
        judge("wrong", name, lambda *x, a=a: 3 * a(*x), lambda *x, b=b: 3 * b(*x), at, 1, ("rev",))
for name, (f, at) in NASTY.items():
    judge(
        "nasty", name, lambda *x, f=f: f(T, *x), lambda *x, f=f: f(J, *x), at, 1, ("fwd", "rev")
    )

ours = json.loads(
    subprocess.run(
        ["npx", "tsx", "--tsconfig", "tsconfig.test.json", str(HERE / "ours.ts")],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
)
assert [r["name"] for r in rows] == [r["name"] for r in ours], "the tables here and in the tests differ"
for row, own in zip(rows, ours):
    row.update({k: own[k] for k in ("what", "ours", "blame")})

result = {
    "versions": {"torch": torch.__version__.split("+")[0], "jax": jax.__version__, "numpy": np.__version__},
    "rows": rows,
}
(HERE / "peers.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
