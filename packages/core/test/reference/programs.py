"""Random programs with their value, gradient and Hessian-vector product in JAX float64.

A program is data: inputs (shape and k, the values being k/64), and steps { op, args, params } where args are
numbers of earlier values (inputs first). The result is the weighted sum of the last value; the direction of the
Hessian-vector product and the weights are formulas (`weights`, `direction`). programs.test.ts runs the same data.

Kept are programs whose results neither overflow nor amplify noise: every intermediate value is perturbed by one
unit in the last place and value, gradient and product must stay within 1e-11. Points near a kink or a tie are
drawn again (`margin`), so that no convention about them matters.

    pip install jax==0.10.2 scipy && python programs.py && npx biome format --write programs.json

Takes about ten minutes, most of them in the compiler of XLA.
"""
import json
import multiprocessing
import os
import pathlib
import sys
import threading
import time
import types
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

# Compile time matters here, run time does not.
os.environ.setdefault('XLA_FLAGS', '--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true')
os.environ.setdefault('JAX_PLATFORMS', 'cpu')
import jax
import jax.numpy as jnp
import jax.scipy as jsp
import numpy as np
import scipy
from jax import lax

jax.config.update('jax_enable_x64', True)

SEED, COUNT, DEPTH, LEAST, MARGIN, WORKERS = 20240607, 324, 12, 5, 2e-3, 5


class Reject(Exception):
    pass


def weights(n):
    return ((np.arange(n) * 37 + 11) % 64 - 31.5) / 32


def direction(n, j):
    return ((np.arange(n) * 29 + j * 17 + 5) % 33 - 15.5) / 16


def ax(p):
    a = p.get('axis')
    return tuple(a) if isinstance(a, list) else a


def kd(p):
    return bool(p.get('keepDims', False))


# ---- meaning of the operations: (args, params) -> value ---------------------------------------------------------
F = {}
UNARY = {  # name: (function, domain, where its kinks are)
    'neg': (jnp.negative, 'any', None), 'abs': (jnp.abs, 'any', [0]), 'square': (jnp.square, 'any', None),
    'sqrt': (jnp.sqrt, 'pos', None), 'rsqrt': (lax.rsqrt, 'pos', None), 'cbrt': (jnp.cbrt, 'nonzero', None),
    'reciprocal': (jnp.reciprocal, 'nonzero', None), 'exp': (jnp.exp, 'any', None),
    'expm1': (jnp.expm1, 'any', None), 'log': (jnp.log, 'pos', None), 'log1p': (jnp.log1p, 'pos', None),
    'log2': (jnp.log2, 'pos', None), 'sin': (jnp.sin, 'any', None), 'cos': (jnp.cos, 'any', None),
    'tan': (jnp.tan, 'unit', None), 'asin': (jnp.arcsin, 'unit', None), 'acos': (jnp.arccos, 'unit', None),
    'atan': (jnp.arctan, 'any', None), 'sinh': (jnp.sinh, 'any', None), 'cosh': (jnp.cosh, 'any', None),
    'tanh': (jnp.tanh, 'any', None), 'asinh': (jnp.arcsinh, 'any', None), 'acosh': (jnp.arccosh, 'above1', None),
    'atanh': (jnp.arctanh, 'unit', None), 'erf': (jsp.special.erf, 'any', None),
    'erfc': (jsp.special.erfc, 'any', None), 'erfInv': (jsp.special.erfinv, 'unit', None),
    'lgamma': (jsp.special.gammaln, 'pos', None), 'digamma': (jsp.special.digamma, 'pos', None),
    'sigmoid': (jax.nn.sigmoid, 'any', None), 'softplus': (jax.nn.softplus, 'any', None),
    'logSigmoid': (jax.nn.log_sigmoid, 'any', None), 'silu': (jax.nn.silu, 'any', None),
    'relu': (jax.nn.relu, 'any', [0]), 'elu': (jax.nn.elu, 'any', [0]),
    'leakyRelu': (jax.nn.leaky_relu, 'any', [0]),
    'gelu': (lambda x: x * 0.5 * (1 + jsp.special.erf(x / np.sqrt(2))), 'any', None),
    'stopGradient': (lax.stop_gradient, 'any', None),
}
# Constant between jumps: the step multiplies by them, so that something is left to differentiate.
STEPWISE = {'sign': (jnp.sign, 0.0), 'floor': (jnp.floor, 0.0), 'ceil': (jnp.ceil, 0.0),
            'trunc': (jnp.trunc, 0.0), 'round': (jnp.round, 0.5)}
COMPARE = {'equal': jnp.equal, 'notEqual': jnp.not_equal, 'less': jnp.less, 'lessEqual': jnp.less_equal,
           'greater': jnp.greater, 'greaterEqual': jnp.greater_equal}
BINARY = {  # name: (function, domains of both operands, tied arguments are a kink)
    'add': (jnp.add, 'any', 'any', False), 'sub': (jnp.subtract, 'any', 'any', False),
    'mul': (jnp.multiply, 'any', 'any', False), 'div': (jnp.divide, 'any', 'nonzero', False),
    'pow': (jnp.power, 'pos', 'any', False), 'atan2': (jnp.arctan2, 'any', 'nonzero', False),
    'hypot': (lambda x, y: jnp.sqrt(x * x + y * y), 'any', 'nonzero', False),
    'logaddexp': (jnp.logaddexp, 'any', 'any', True), 'xlogy': (jsp.special.xlogy, 'any', 'pos', False),
    'maximum': (jnp.maximum, 'any', 'any', True), 'minimum': (jnp.minimum, 'any', 'any', True),
    'mod': (jnp.mod, 'any', 'nonzero', False),
}
for _n, _r in UNARY.items():
    F[_n] = lambda a, p, f=_r[0]: f(a[0])
for _n, _r in STEPWISE.items():
    F[_n] = lambda a, p, f=_r[0]: f(a[0]) * a[0]
for _n, _r in BINARY.items():
    F[_n] = lambda a, p, f=_r[0]: f(a[0], a[1] if len(a) > 1 else p['k'])
for _n, _f in COMPARE.items():
    F[_n] = lambda a, p, f=_f: jnp.where(f(a[0], a[1]), a[2], a[3])
F['logicalAnd'] = lambda a, p: jnp.where(jnp.logical_and(a[0] > 0, a[1] > 0), a[0], a[1])
F['logicalOr'] = lambda a, p: jnp.where(jnp.logical_or(a[0] > 0, a[1] > 0), a[0], a[1])
F['logicalNot'] = lambda a, p: jnp.where(jnp.logical_not(a[0] > 0), a[0], a[1])
# The classical use: a branch that is not selected and not defined there.
F['where'] = lambda a, p: jnp.where(a[0] > 0, jnp.log(jnp.where(a[0] > 0, a[0], 1)), a[1])
F['clip'] = lambda a, p: jnp.clip(a[0], p['lo'], p['hi'])
F['polygamma'] = lambda a, p: jsp.special.polygamma(p['n'], a[0])
F['isFinite'] = lambda a, p: jnp.where(jnp.isfinite(a[0]), a[0], 0)
F['isNaN'] = lambda a, p: jnp.where(jnp.isnan(a[0]), 0, a[0])

F['sum'] = lambda a, p: jnp.sum(a[0], axis=ax(p), keepdims=kd(p))
F['mean'] = lambda a, p: jnp.mean(a[0], axis=ax(p), keepdims=kd(p))
F['prod'] = lambda a, p: jnp.prod(a[0], axis=ax(p), keepdims=kd(p))
F['max'] = lambda a, p: jnp.max(a[0], axis=ax(p), keepdims=kd(p))
F['min'] = lambda a, p: jnp.min(a[0], axis=ax(p), keepdims=kd(p))
F['variance'] = lambda a, p: jnp.var(a[0], axis=ax(p), ddof=p.get('ddof', 0), keepdims=kd(p))
F['std'] = lambda a, p: jnp.std(a[0], axis=ax(p), ddof=p.get('ddof', 0), keepdims=kd(p))
F['norm'] = lambda a, p: jnp.sum(jnp.abs(a[0]) ** p['ord'], axis=ax(p), keepdims=kd(p)) ** (1 / p['ord'])
F['logsumexp'] = lambda a, p: jsp.special.logsumexp(a[0], axis=ax(p), keepdims=kd(p))
F['all'] = lambda a, p: jnp.where(jnp.all(a[0] > 0, axis=p['axis'], keepdims=True), a[0], -a[0])
F['any'] = lambda a, p: jnp.where(jnp.any(a[0] > 0, axis=p['axis'], keepdims=True), a[0], -a[0])
F['argmax'] = lambda a, p: jnp.take_along_axis(a[1], jnp.expand_dims(jnp.argmax(a[0], p['axis']), p['axis']), p['axis'])
F['argmin'] = lambda a, p: jnp.take_along_axis(a[1], jnp.expand_dims(jnp.argmin(a[0], p['axis']), p['axis']), p['axis'])
F['argsort'] = lambda a, p: jnp.take_along_axis(a[1], jnp.argsort(a[0], p['axis']), p['axis'])
F['sort'] = lambda a, p: jnp.sort(a[0], p['axis'])
F['topK'] = lambda a, p: lax.top_k(a[0], p['k'])[0]
F['cumsum'] = lambda a, p: jnp.cumsum(a[0], p['axis'])
F['cumprod'] = lambda a, p: jnp.cumprod(a[0], p['axis'])
F['cummax'] = lambda a, p: lax.cummax(a[0], p['axis'])
F['softmax'] = lambda a, p: jax.nn.softmax(a[0], p['axis'])
F['logSoftmax'] = lambda a, p: jax.nn.log_softmax(a[0], p['axis'])

F['reshape'] = lambda a, p: jnp.reshape(a[0], p['shape'])
F['transpose'] = lambda a, p: jnp.transpose(a[0], p.get('perm'))
F['broadcastTo'] = lambda a, p: jnp.broadcast_to(a[0], p['shape'])
F['expandDims'] = lambda a, p: jnp.expand_dims(a[0], p['axis'])
F['squeeze'] = lambda a, p: jnp.squeeze(a[0], p['axis'])
F['concat'] = lambda a, p: jnp.concatenate(a, p['axis'])
F['stack'] = lambda a, p: jnp.stack(a, p['axis'])
F['split'] = lambda a, p: jnp.split(a[0], p['parts'], p['axis'])[p['part']]
F['slice'] = lambda a, p: lax.slice(a[0], p['begin'], p['end'], p['strides'])
F['pad'] = lambda a, p: jnp.pad(a[0], p['pads'], constant_values=p['value'])
F['roll'] = lambda a, p: jnp.roll(a[0], p['shift'], p['axis'])
F['flip'] = lambda a, p: jnp.flip(a[0], p['axis'])
F['tile'] = lambda a, p: jnp.tile(a[0], p['reps'])
F['repeat'] = lambda a, p: jnp.repeat(a[0], p['n'], p['axis'])
F['diag'] = lambda a, p: jnp.diag(a[0])
F['tril'] = lambda a, p: jnp.tril(a[0])
F['triu'] = lambda a, p: jnp.triu(a[0])

F['matmul'] = lambda a, p: jnp.matmul(a[0], a[1])
F['dot'] = lambda a, p: jnp.dot(a[0], a[1])
F['outer'] = lambda a, p: jnp.outer(a[0], a[1])
F['einsum'] = lambda a, p: jnp.einsum(p['spec'], *a)
F['tensordot'] = lambda a, p: jnp.tensordot(a[0], a[1], p['axes'])
F['take'] = lambda a, p: jnp.take(a[0], np.array(p['indices']), p['axis'])
F['takeAlongAxis'] = lambda a, p: jnp.take_along_axis(a[0], np.array(p['indices']), p['axis'])
F['scatterAdd'] = lambda a, p: a[0].at[np.array(p['indices'])].add(a[1])
F['oneHot'] = lambda a, p: jnp.matmul(jax.nn.one_hot(np.array(p['indices']), a[0].shape[0]), a[0])


def conv(a, p):
    names = ('NHC', 'HIO', 'NHC') if a[0].ndim == 3 else ('NHWC', 'HWIO', 'NHWC')
    return lax.conv_general_dilated(a[0], a[1], p['strides'], p['padding'], rhs_dilation=p['dilation'],
                                    dimension_numbers=names, feature_group_count=p['groups'])


def pool(reduce):
    def f(a, p):
        x, (wh, ww), (sh, sw) = a[0], p['window'], p['strides']
        n = [(x.shape[1] - wh) // sh + 1, (x.shape[2] - ww) // sw + 1]
        parts = [x[:, i:i + (n[0] - 1) * sh + 1:sh, j:j + (n[1] - 1) * sw + 1:sw] for i in range(wh) for j in range(ww)]
        return reduce(jnp.stack(parts), axis=0)
    return f


F['conv1d'] = F['conv2d'] = conv
F['maxPool'], F['avgPool'] = pool(jnp.max), pool(jnp.mean)


def qr(a, p):  # rows of R scaled to a positive diagonal
    q, r = jnp.linalg.qr(a[0])
    s = lax.stop_gradient(jnp.sign(jnp.diag(r)))
    return q * s if p['part'] == 'q' else r * s[:, None]


gram = lambda x: x @ x.T + jnp.eye(x.shape[0])
F['gram'] = lambda a, p: gram(a[0])  # A Aᵀ + I
F['cholesky'] = lambda a, p: jnp.linalg.cholesky(a[0])
F['solve'] = lambda a, p: jnp.linalg.solve(a[0], a[1])
F['triangularSolve'] = lambda a, p: jsp.linalg.solve_triangular(a[0], a[1], lower=p['lower'], trans='T' if p['transposed'] else 0)
F['inv'] = lambda a, p: jnp.linalg.inv(a[0])
F['det'] = lambda a, p: jnp.linalg.det(a[0])
F['slogdet'] = lambda a, p: jnp.linalg.slogdet(a[0])[1]
F['qr'] = qr
F['eigh'] = lambda a, p: jnp.square(jnp.linalg.eigh(a[0])[1]) if p['part'] == 'vectors' else jnp.linalg.eigh(a[0])[0]
F['eigvalsh'] = lambda a, p: jnp.linalg.eigvalsh(a[0])
F['svd'] = lambda a, p: jnp.square(jnp.linalg.svd(a[0], full_matrices=False)[{'u': 0, 'vt': 2}[p['part']]])
F['svdvals'] = lambda a, p: jnp.linalg.svd(a[0], compute_uv=False)
F['lstsq'] = lambda a, p: jnp.linalg.solve(a[0].T @ a[0], a[0].T @ a[1])
F['expm'] = lambda a, p: jsp.linalg.expm(a[0])
F['matrixPower'] = lambda a, p: jnp.linalg.matrix_power(a[0], p['n'])


def scan(a, p):
    def body(c, x):
        vals = run([c, x, a[2]], p['body'])
        return vals[-1], vals[-2]
    c, ys = lax.scan(body, a[0], a[1], reverse=p['reverse'])
    return ys + c


def fori(a, p):
    return lax.fori_loop(0, p['n'], lambda i, c: run([c, a[1], (i + 1) * 0.25], p['body'])[-1], a[0])


def cond(a, p):
    return lax.cond(jnp.sum(a[0]) > p['above'], lambda x: run([x, a[1]], p['yes'])[-1],
                    lambda x: run([x, a[1]], p['no'])[-1], a[0])


def while_(a, p):
    return lax.while_loop(lambda c: jnp.sum(c * c) < p['below'],
                          lambda c: 1.5 * c + 0.25 * run([c, a[1]], p['body'])[-1], a[0])


F['scan'], F['foriLoop'], F['cond'], F['whileLoop'] = scan, fori, cond, while_


def run(values, steps, noise=None, bumps=None, table=F):
    values = list(values)
    for i, s in enumerate(steps):
        v = table[s['op']]([values[k] for k in s['args']], s.get('params', {}))
        if noise is not None:
            v = v * (1 + noise[i] * bumps[i])
        values.append(v)
    return values


# ---- the same without compilation, to look at values while a program grows ------------------------------------------
NUMPY = {
    'rsqrt': lambda x: 1 / np.sqrt(x), 'sigmoid': scipy.special.expit, 'softplus': lambda x: np.logaddexp(x, 0),
    'log_sigmoid': lambda x: -np.logaddexp(-x, 0), 'silu': lambda x: x * scipy.special.expit(x),
    'relu': lambda x: np.maximum(x, 0), 'elu': lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    'leaky_relu': lambda x: np.where(x > 0, x, 0.01 * x), 'stop_gradient': lambda x: x,
}


def in_numpy(f):
    name = getattr(f, '__name__', '')
    if name in NUMPY:
        return NUMPY[name]
    if name != '<lambda>':
        return getattr(np, name, None) or getattr(scipy.special, name, f)
    names = {**globals(), 'jnp': np, 'jsp': scipy}
    return types.FunctionType(f.__code__, names, name, tuple(in_numpy(d) for d in f.__defaults__ or ()), f.__closure__)


LOCAL = {'conv1d', 'conv2d', 'maxPool', 'avgPool', 'qr', 'scan', 'foriLoop', 'cond', 'whileLoop', 'topK', 'cummax', 'slice',
         'scatterAdd', 'softmax', 'logSoftmax', 'oneHot', 'all', 'any', 'gram'}
QUICK = {n: (lambda a, p, f=f: f([jnp.asarray(x) for x in a], p)) if n in LOCAL else in_numpy(f) for n, f in F.items()}
QUICK['gram'] = lambda a, p: a[0] @ a[0].T + np.eye(a[0].shape[0])
QUICK['slice'] = lambda a, p: a[0][tuple(slice(*t) for t in zip(p['begin'], p['end'], p['strides']))]
QUICK['cummax'] = lambda a, p: np.maximum.accumulate(a[0], p['axis'])
QUICK['softmax'] = lambda a, p: scipy.special.softmax(a[0], p['axis'])
QUICK['logSoftmax'] = lambda a, p: scipy.special.log_softmax(a[0], p['axis'])
QUICK['oneHot'] = lambda a, p: a[0][np.array(p['indices'])]
QUICK['topK'] = lambda a, p: -np.sort(-a[0])[..., :p['k']]


# ---- margins: how far arguments are from a kink or a tie ---------------------------------------------------------
def gap(x, axis):
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = [a % x.ndim for a in axes]
    rest = [i for i in range(x.ndim) if i not in axes]
    y = np.sort(np.transpose(x, rest + axes).reshape(-1, int(np.prod([x.shape[i] for i in axes]))), axis=1)
    return np.min(np.diff(y, axis=1), initial=9)


def to_integer(x, shift):
    return np.min(np.abs(x + shift - np.round(x + shift)))


def spread(a):
    return min(gap(np.linalg.eigvalsh(a)[None], 1), 9)


def while_margin(a, p):
    c, least = a[0], 9.0
    for _ in range(9):
        s = float(np.sum(c * c))
        least = min(least, abs(s - p['below']))
        if s >= p['below']:
            return least
        c = np.asarray(1.5 * c + 0.25 * run([c, a[1]], p['body'], table=QUICK)[-1])
    return 0.0


M = {n: (lambda a, p, ks=r[2]: min(np.min(np.abs(a[0] - k)) for k in ks)) for n, r in UNARY.items() if r[2]}
M.update({n: (lambda a, p, s=r[1]: to_integer(a[0], s)) for n, r in STEPWISE.items()})
M['sign'] = lambda a, p: np.min(np.abs(a[0]))
M.update({n: (lambda a, p: np.min(np.abs(a[0] - (a[1] if len(a) > 1 else p['k'])))) for n, r in BINARY.items() if r[3]})
M.update({n: (lambda a, p: np.min(np.abs(a[0] - a[1]))) for n in COMPARE})
M['mod'] = lambda a, p: to_integer(a[0] / (a[1] if len(a) > 1 else p['k']), 0)
M['where'] = lambda a, p: np.min(np.abs(a[0]))
M['logicalAnd'] = M['logicalOr'] = lambda a, p: min(np.min(np.abs(a[0])), np.min(np.abs(a[1])))
M['logicalNot'] = M['all'] = M['any'] = M['where']
M['clip'] = lambda a, p: min(np.min(np.abs(a[0] - p['lo'])), np.min(np.abs(a[0] - p['hi'])))
for _n in ['max', 'min', 'argmax', 'argmin', 'argsort', 'sort', 'cummax']:
    M[_n] = lambda a, p: gap(a[0], p.get('axis'))
M['topK'] = lambda a, p: gap(a[0], -1)
M['norm'] = lambda a, p: np.min(np.abs(a[0])) if p['ord'] != 2 else np.min(QUICK['norm'](a, p))
M['std'] = lambda a, p: np.min(QUICK['std'](a, p)) / 20
M['maxPool'] = lambda a, p: gap(np.moveaxis(a[0], 3, 0).reshape(a[0].shape[3], -1), 1)
M['eigh'] = M['eigvalsh'] = lambda a, p: spread(a[0]) / 50
M['svd'] = M['svdvals'] = lambda a, p: min(gap(np.linalg.svd(a[0])[1][None], 1), np.min(np.linalg.svd(a[0])[1])) / 50
M['qr'] = M['lstsq'] = lambda a, p: np.min(np.linalg.svd(a[0])[1]) / 50
M['det'] = lambda a, p: np.min(np.linalg.svd(a[0])[1]) / 50
M['solve'] = M['inv'] = M['slogdet'] = M['det']
M['triangularSolve'] = lambda a, p: np.min(np.abs(np.diag(a[0]))) / 50
M['cond'] = lambda a, p: abs(np.sum(a[0]) - p['above'])
M['whileLoop'] = while_margin

# ---- generation --------------------------------------------------------------------------------------------------
INSIDE = {
    'any': lambda x: np.abs(x).max() < 4, 'pos': lambda x: x.min() > 0.05 and x.max() < 12,
    'unit': lambda x: np.abs(x).max() < 0.95, 'above1': lambda x: x.min() > 1.1 and x.max() < 12,
    'nonzero': lambda x: np.abs(x).min() > 0.05 and np.abs(x).max() < 12,
}


class Env:
    def __init__(self, rng):
        self.rng, self.nodes, self.steps = rng, [], []

    def val(self, i):
        return self.nodes[i][1]

    def input(self, shape):
        n = int(np.prod(shape))
        if sum(x[1].size for x in self.nodes if x[0] == 'in') + n > 72:
            raise Reject('inputs too large')
        k = self.rng.choice(np.setdiff1d(np.arange(-160, 161), [0]), n, replace=False)
        self.nodes.append(('in', (k / 64).reshape(shape), k))
        return len(self.nodes) - 1

    def shape(self, low=0, high=3):
        rank = int(self.rng.integers(low, high + 1))
        return [int(self.rng.integers(2, 5 if rank < 3 else 4)) for _ in range(rank)]

    def pick(self, pred=lambda v: True, fresh=None):
        """The last value where it fits, else a recent one, else a new input."""
        ok = [i for i, x in enumerate(self.nodes) if pred(x[1])]
        if ok and ok[-1] == len(self.nodes) - 1 and self.rng.random() < 0.8:
            return ok[-1]
        if ok and (fresh is None or self.rng.random() < 0.85):
            return ok[int(len(ok) * self.rng.random() ** 0.5)]
        if fresh is None:
            raise Reject('nothing fits')
        return self.input(fresh() if callable(fresh) else fresh)

    def like(self, shape):
        return self.pick(lambda v: list(v.shape) == list(shape), list(shape))

    def apply(self, op, args, **params):
        if len(self.steps) >= DEPTH:
            raise Reject('too deep')
        a = [self.val(i) for i in args]
        if op in M and not M[op](a, params) > MARGIN:
            raise Reject(f'{op}: near a kink')
        v = np.asarray(QUICK[op](a, params))
        if v.dtype != np.float64 or v.size == 0 or v.size > 64 or not np.all(np.isfinite(v)) or np.abs(v).max() > 300:
            raise Reject(f'{op}: out of range')
        self.steps.append({'op': op, 'args': list(args), **({'params': params} if params else {})})
        self.nodes.append(('step', v, len(self.steps) - 1))
        return len(self.nodes) - 1

    def bring(self, i, domain):
        """Maps a value into a domain when it is not there."""
        if INSIDE[domain](self.val(i)):
            return i
        if domain == 'any':
            return self.apply('mul', [self.apply('tanh', [i])], k=1.75)
        if domain == 'unit':
            return self.apply('mul', [self.apply('tanh', [i])], k=0.875)
        return self.apply('add', [self.apply('softplus', [self.bring(i, 'any')])], k=1.25 if domain == 'above1' else 0.25)

    def k(self):
        return float(self.rng.choice([-1, 1]) * self.rng.integers(20, 140) / 64)


G = {}
anyv = lambda v: True
rank = lambda lo, hi=4: (lambda v: lo <= v.ndim <= hi)


def gen(*names):
    def wrap(f):
        for n in names:
            G[n] = lambda e, n=n: f(e, n)
        return f
    return wrap


@gen(*UNARY)
def _(e, n):
    x = e.bring(e.pick(anyv, e.shape), UNARY[n][1])
    y = e.apply(n, [x])
    if n == 'stopGradient':
        e.apply('mul', [y, x])


@gen(*STEPWISE)
def _(e, n):
    e.apply(n, [e.bring(e.pick(anyv, e.shape), 'any')])


def partner(e, shape):
    """A shape that broadcasts with another."""
    s = [1 if e.rng.random() < 0.25 else d for d in shape]
    return s[int(e.rng.integers(0, len(s) + 1)) if e.rng.random() < 0.4 else 0:]


def fits(shape):
    def pred(v):
        try:
            return np.prod(np.broadcast_shapes(v.shape, tuple(shape))) <= 48
        except ValueError:
            return False
    return pred


def pair(e, d1='any', d2='any', other=False):
    x = e.bring(e.pick(anyv, e.shape), d1)
    s = e.val(x).shape
    y = e.input(partner(e, s)) if e.rng.random() < 0.3 else e.pick(lambda v: fits(s)(v) and v is not e.val(x), lambda: partner(e, s))
    return x, e.bring(y, d2)


@gen(*BINARY)
def _(e, n):
    _, d1, d2, _ = BINARY[n]
    if e.rng.random() < 0.25:
        k = abs(e.k()) if d2 == 'pos' else e.k()
        return e.apply(n, [e.bring(e.pick(anyv, e.shape), d1)], k=k)
    x, y = pair(e, d1, d2)
    if n not in ('pow', 'xlogy') and d1 == d2 and e.rng.random() < 0.5:
        x, y = y, x
    e.apply(n, [x, y])


@gen(*COMPARE)
def _(e, n):
    x, y = pair(e)
    e.apply(n, [x, y, e.pick(fits(np.broadcast_shapes(e.val(x).shape, e.val(y).shape))), x])


@gen('where', 'logicalAnd', 'logicalOr', 'logicalNot')
def _(e, n):
    e.apply(n, list(pair(e)))


@gen('clip')
def _(e, n):
    lo = -abs(e.k())
    e.apply(n, [e.pick(anyv, e.shape)], lo=lo, hi=lo + 2 * abs(e.k()))


@gen('polygamma')
def _(e, n):
    e.apply(n, [e.bring(e.pick(anyv, e.shape), 'pos')], n=int(e.rng.integers(1, 4)))


@gen('isFinite', 'isNaN')
def _(e, n):
    e.apply(n, [e.pick(anyv, e.shape)])


def axes(e, x, many=True):
    r, out = e.val(x).ndim, {}
    u = e.rng.random()
    if r and u < 0.6:
        out['axis'] = int(e.rng.integers(-r, r))
    elif r > 1 and many and u < 0.8:
        out['axis'] = sorted(int(i) for i in e.rng.choice(r, 2, replace=False))
    if e.rng.random() < 0.3:
        out['keepDims'] = True
    return out


@gen('sum', 'mean', 'prod', 'max', 'min', 'variance', 'std', 'norm', 'logsumexp')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    if n in ('prod', 'logsumexp'):
        x = e.bring(x, 'any')
    extra = {'ord': int(e.rng.choice([1, 2, 2, 3]))} if n == 'norm' else {}
    if n in ('variance', 'std') and e.rng.random() < 0.4:
        extra = {'ddof': 1}
    p = axes(e, x)
    if extra.get('ddof') and e.val(x).size // max(1, np.asarray(QUICK['sum']([e.val(x)], p)).size) < 2:
        raise Reject('ddof')
    e.apply(n, [x], **p, **extra)


def axis_of(e, x, negative=True):
    r = e.val(x).ndim
    return int(e.rng.integers(-r if negative else 0, r))


@gen('all', 'any', 'cumsum', 'cumprod', 'cummax', 'softmax', 'logSoftmax', 'sort', 'flip')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    if n in ('cumprod', 'softmax', 'logSoftmax'):
        x = e.bring(x, 'any')
    e.apply(n, [x], axis=axis_of(e, x, n != 'cummax'))


@gen('argmax', 'argmin', 'argsort')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    e.apply(n, [x, e.like(e.val(x).shape) if e.rng.random() < 0.6 else x], axis=axis_of(e, x))


@gen('topK')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    e.apply(n, [x], k=int(e.rng.integers(1, e.val(x).shape[-1] + 1)))


@gen('reshape')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    s, size = e.val(x).shape, e.val(x).size
    options = [[size], [1, size], list(s[::-1])] + [[d, size // d] for d in (2, 3, 4) if size % d == 0]
    options += [[-1, d] for d in (2, 3) if size % d == 0]
    e.apply(n, [x], shape=[int(d) for d in options[int(e.rng.integers(len(options)))]])


@gen('transpose')
def _(e, n):
    x = e.pick(rank(2), lambda: e.shape(2))
    if e.rng.random() < 0.3:
        return e.apply(n, [x])
    e.apply(n, [x], perm=[int(i) for i in e.rng.permutation(e.val(x).ndim)])


@gen('broadcastTo')
def _(e, n):
    x = e.pick(lambda v: v.ndim < 3, lambda: e.shape(0, 2))
    e.apply(n, [x], shape=[int(e.rng.integers(2, 4)), *[d if d > 1 else 2 for d in e.val(x).shape]])


@gen('expandDims')
def _(e, n):
    x = e.pick(rank(0, 3), e.shape)
    e.apply(n, [x], axis=int(e.rng.integers(0, e.val(x).ndim + 1)))


@gen('squeeze')
def _(e, n):
    x = e.pick(rank(1, 2), lambda: e.shape(1, 2))
    i = int(e.rng.integers(0, e.val(x).ndim + 1))
    e.apply(n, [e.apply('expandDims', [x], axis=i)], axis=i)


@gen('concat', 'stack')
def _(e, n):
    x = e.pick(rank(1, 3), lambda: e.shape(1, 2))
    r = e.val(x).ndim
    others = [e.like(e.val(x).shape) for _ in range(int(e.rng.integers(1, 3)))]
    e.apply(n, [x, *others], axis=int(e.rng.integers(0, r + (n == 'stack'))))


@gen('split')
def _(e, n):
    x = e.pick(lambda v: v.ndim > 0 and any(d % 2 == 0 for d in v.shape), [4, 2])
    a = next(i for i, d in enumerate(e.val(x).shape) if d % 2 == 0)
    e.apply(n, [x], parts=2, axis=a, part=int(e.rng.integers(2)))


@gen('slice')
def _(e, n):
    x = e.pick(lambda v: v.ndim > 0 and max(v.shape) > 2, lambda: [4, 3])
    begin = [int(e.rng.integers(0, max(1, d - 1))) for d in e.val(x).shape]
    end = [int(e.rng.integers(b + 1, d + 1)) for b, d in zip(begin, e.val(x).shape)]
    e.apply(n, [x], begin=begin, end=end, strides=[int(e.rng.integers(1, 3)) for _ in begin])


@gen('pad')
def _(e, n):
    x = e.pick(rank(1, 3), lambda: e.shape(1, 2))
    e.apply(n, [x], pads=[[int(i) for i in e.rng.integers(0, 3, 2)] for _ in e.val(x).shape], value=e.k())


@gen('roll')
def _(e, n):
    x = e.pick(rank(1), lambda: e.shape(1))
    e.apply(n, [x], shift=int(e.rng.integers(-3, 4)), axis=axis_of(e, x))


@gen('tile')
def _(e, n):
    x = e.pick(rank(1, 2), lambda: e.shape(1, 2))
    e.apply(n, [x], reps=[int(i) for i in e.rng.integers(1, 3, e.val(x).ndim)])


@gen('repeat')
def _(e, n):
    x = e.pick(rank(1, 2), lambda: e.shape(1, 2))
    e.apply(n, [x], n=int(e.rng.integers(2, 4)), axis=axis_of(e, x, False))


@gen('diag')
def _(e, n):
    e.apply(n, [e.pick(rank(1, 2), lambda: e.shape(1, 2))])


@gen('tril', 'triu')
def _(e, n):
    e.apply(n, [e.pick(rank(2, 2), lambda: e.shape(2, 2))])


@gen('matmul')
def _(e, n):
    x = e.pick(rank(1, 3), lambda: e.shape(1, 3))
    s, m = e.val(x).shape, int(e.rng.integers(2, 5))
    y = [s[-1]] if e.rng.random() < 0.2 else [s[-1], m]
    if len(s) == 3 and len(y) == 2 and e.rng.random() < 0.5:
        y = [s[0], *y]
    if e.rng.random() < 0.25 and len(s) > 1:
        y = [int(e.rng.integers(2, 4)), s[-2]] if len(s) == 2 else [s[0], 2, s[-2]]
        return e.apply(n, [e.like(y), x])
    e.apply(n, [x, e.like(y)])


@gen('dot')
def _(e, n):
    x = e.pick(rank(1, 1), lambda: e.shape(1, 1))
    e.apply(n, [x, e.like(e.val(x).shape)])


@gen('outer')
def _(e, n):
    e.apply(n, [e.pick(rank(1, 1), lambda: e.shape(1, 1)), e.pick(rank(1, 1), lambda: e.shape(1, 1))])


SPECS = ['ij,jk->ik', 'ij,kj->ik', 'ij,ij->i', 'ij,j->i', 'ij->ji', 'ij->j', 'ii->', 'ii->i', 'i,j->ij', 'bij,bjk->bik',
         'bij,bj->bi', 'ij,jk,kl->il', 'bij,jk->bki', 'ij,ij->', 'ijk->kj']


@gen('einsum')
def _(e, n):
    spec = SPECS[int(e.rng.integers(len(SPECS)))]
    dims, args = {}, []
    for t in spec.split('->')[0].split(','):
        def ok(v, t=t):
            d = dict(dims)
            return v.ndim == len(t) and all(d.setdefault(c, s) == s for c, s in zip(t, v.shape))
        need = lambda t=t: [dims.setdefault(c, int(e.rng.integers(2, 4))) for c in t]
        x = e.pick(ok, need)
        dims.update(zip(t, e.val(x).shape))
        args.append(x)
    e.apply(n, args, spec=spec)


@gen('tensordot')
def _(e, n):
    x = e.pick(rank(1, 3), lambda: e.shape(1, 3))
    s = list(e.val(x).shape)
    if len(s) > 1 and e.rng.random() < 0.5:
        return e.apply(n, [x, e.like([s[0], 2])], axes=[[0], [0]])
    m = int(e.rng.integers(1, min(2, len(s)) + 1))
    e.apply(n, [x, e.like([*s[-m:], 2])], axes=m)


@gen('take')
def _(e, n):
    x = e.pick(rank(1, 3), lambda: e.shape(1, 3))
    a = axis_of(e, x)
    i = e.rng.integers(0, e.val(x).shape[a], [2, 2] if e.val(x).ndim == 1 else [3])
    e.apply(n, [x], indices=i.tolist(), axis=a)


@gen('takeAlongAxis')
def _(e, n):
    x = e.pick(rank(1, 2), lambda: e.shape(1, 2))
    a, s = axis_of(e, x), list(e.val(x).shape)
    size = s[a]
    s[a] = 3
    e.apply(n, [x], indices=e.rng.integers(0, size, s).tolist(), axis=a)


@gen('scatterAdd')
def _(e, n):
    x = e.pick(rank(1, 2), lambda: e.shape(1, 2))
    s = list(e.val(x).shape)
    e.apply(n, [x, e.like([3, *s[1:]])], indices=e.rng.integers(0, s[0], 3).tolist())


@gen('oneHot')
def _(e, n):
    x = e.pick(rank(2, 2), lambda: e.shape(2, 2))
    e.apply(n, [x], indices=e.rng.integers(0, e.val(x).shape[0], 3).tolist())


def conv_params(e, d):
    return {'strides': [int(i) for i in e.rng.integers(1, 3, d)],
            'padding': [[int(i) for i in e.rng.integers(0, 3, 2)] for _ in range(d)],
            'dilation': [int(i) for i in e.rng.integers(1, 3, d)]}


@gen('conv1d', 'conv2d')
def _(e, n):
    d = 1 if n == 'conv1d' else 2
    groups = int(e.rng.integers(1, 3))
    spatial = lambda: [int(e.rng.integers(4, 7))] if d == 1 else [int(e.rng.integers(3, 5)), 4]
    x = e.pick(lambda v: v.ndim == d + 2 and v.shape[-1] % groups == 0 and min(v.shape[1:-1]) >= 3,
               lambda: [int(e.rng.integers(1, 3)) if d == 1 else 1, *spatial(), 2])
    kernel = [int(i) for i in e.rng.integers(1, 4 if d == 1 else 3, d)]
    w = e.input([*kernel, e.val(x).shape[-1] // groups, 2])
    e.apply(n, [x, w], groups=groups, **conv_params(e, d))


@gen('maxPool', 'avgPool')
def _(e, n):
    x = e.pick(lambda v: v.ndim == 4 and min(v.shape[1:3]) >= 3, lambda: [int(e.rng.integers(1, 3)), 4, int(e.rng.integers(3, 5)), 2])
    e.apply(n, [x], window=[2, int(e.rng.integers(1, 4))], strides=[int(i) for i in e.rng.integers(1, 3, 2)])


square = lambda v: v.ndim == 2 and v.shape[0] == v.shape[1]


def matrix(e, domain=None):
    n = int(e.rng.integers(2, 4))
    x = e.pick(square, [n, n])
    return e.bring(x, domain) if domain else x


def positive(e):
    m = [int(e.rng.integers(2, 4)), int(e.rng.integers(2, 4))]
    return e.apply('gram', [e.bring(e.pick(rank(2, 2), m), 'any')])


@gen('gram')
def _(e, n):
    positive(e)


@gen('cholesky', 'eigh', 'eigvalsh')
def _(e, n):
    a = positive(e)
    e.apply(n, [a], **({'part': str(e.rng.choice(['values', 'vectors']))} if n == 'eigh' else {}))


@gen('solve')
def _(e, n):
    a = positive(e) if e.rng.random() < 0.5 else matrix(e)
    m = e.val(a).shape[0]
    e.apply(n, [a, e.like([m, 2] if e.rng.random() < 0.7 else [m])])


@gen('triangularSolve')
def _(e, n):
    lower = bool(e.rng.random() < 0.5)
    a = matrix(e)
    a = e.apply('tril' if lower else 'triu', [a])
    e.apply(n, [a, e.like([e.val(a).shape[0], 2])], lower=lower, transposed=bool(e.rng.random() < 0.5))


@gen('inv', 'det', 'slogdet')
def _(e, n):
    e.apply(n, [matrix(e)])


@gen('expm')
def _(e, n):
    e.apply(n, [matrix(e, 'any')])


@gen('matrixPower')
def _(e, n):
    e.apply(n, [matrix(e, 'any')], n=int(e.rng.choice([-2, -1, 2, 3])))


@gen('qr', 'svd', 'svdvals', 'lstsq')
def _(e, n):
    s = [int(e.rng.integers(3, 5)), int(e.rng.integers(2, 4))]
    a = e.pick(lambda v: v.ndim == 2 and v.shape[0] >= v.shape[1] > 1, s)
    if n == 'lstsq':
        return e.apply(n, [a, e.like([e.val(a).shape[0], 2])])
    parts = {'qr': ['q', 'r'], 'svd': ['u', 'vt']}.get(n)
    e.apply(n, [a], **({'part': str(e.rng.choice(parts))} if parts else {}))


def body(e, locals_, least=2):
    steps = []
    for i in range(int(e.rng.integers(least, 5))):
        count = locals_ + i
        recent = lambda: int(e.rng.integers(max(0, count - 3), count))
        if e.rng.random() < 0.5:
            steps.append({'op': str(e.rng.choice(['tanh', 'sin', 'sigmoid', 'cos', 'atan'])), 'args': [recent()]})
        else:
            args = [recent(), int(e.rng.integers(0, count))]
            steps.append({'op': str(e.rng.choice(['add', 'mul', 'sub'])), 'args': args})
    steps.append({'op': 'add', 'args': [0, locals_ + len(steps) - 1]})
    return steps


@gen('scan')
def _(e, n):
    xs = e.bring(e.pick(rank(1, 2), lambda: e.shape(1, 2)), 'any')
    s = list(e.val(xs).shape[1:])
    c, k = e.like(s), e.like(s)
    e.apply(n, [e.bring(c, 'any'), xs, e.bring(k, 'any')], body=body(e, 3), reverse=bool(e.rng.random() < 0.5))


@gen('foriLoop', 'cond', 'whileLoop')
def _(e, n):
    x = e.bring(e.pick(anyv, e.shape), 'any')
    c = e.bring(e.like(e.val(x).shape), 'any')
    if n == 'foriLoop':
        return e.apply(n, [x, c], n=int(e.rng.integers(2, 6)), body=body(e, 3))
    if n == 'cond':
        return e.apply(n, [x, c], above=e.k(), yes=body(e, 2), no=body(e, 2))
    size = float(np.sum(e.val(x) ** 2))
    e.apply(n, [x, c], below=round(size * float(e.rng.uniform(1.5, 20)) * 64) / 64, body=body(e, 2))


# ---- evaluation and selection --------------------------------------------------------------------------------------
def candidate(rng, wanted):
    e = Env(rng)
    e.input(e.shape(1, 3))
    length = int(rng.integers(3, DEPTH - 1))
    e_wanted = list(wanted)
    misses = 0
    while (len(e.steps) < length or e_wanted) and len(e.steps) < DEPTH:
        op = e_wanted[0] if e_wanted and rng.random() < 0.5 else str(rng.choice(list(G)))
        before = (len(e.nodes), len(e.steps))
        try:
            G[op](e)
            join(e, before[0])
            if op in e_wanted:
                e_wanted.remove(op)
        except Reject:
            del e.nodes[before[0]:], e.steps[before[1]:]
            misses += 1
            if misses > 25:
                raise
    return prune(e)


def join(e, before):
    """Lets the last value depend on what came before, so that long programs are deep."""
    head = max((i for i in range(before) if e.nodes[i][0] == 'step'), default=None)
    if head is None or head in ancestors(e):
        return
    last = len(e.nodes) - 1
    if e.val(head).ndim:
        e.apply(str(e.rng.choice(['sum', 'mean', 'logsumexp', 'variance', 'max', 'min', 'prod'])), [e.bring(head, 'any')])
    e.apply(str(e.rng.choice(['add', 'sub', 'mul', 'hypot', 'logaddexp', 'maximum', 'minimum'])), [last, len(e.nodes) - 1 if e.val(head).ndim else head])


def ancestors(e):
    alive = {len(e.nodes) - 1}
    for i in range(len(e.nodes) - 1, -1, -1):
        if i in alive and e.nodes[i][0] == 'step':
            alive.update(e.steps[e.nodes[i][2]]['args'])
    return alive


def prune(e):
    """Drops what the last value does not depend on; inputs get the first numbers."""
    alive = ancestors(e)
    ins = [i for i in sorted(alive) if e.nodes[i][0] == 'in']
    outs = [i for i in sorted(alive) if e.nodes[i][0] == 'step']
    number = {i: j for j, i in enumerate(ins + outs)}
    steps = [{**e.steps[e.nodes[i][2]]} for i in outs]
    for s in steps:
        s['args'] = [number[a] for a in s['args']]
    if not ins or len(steps) < 3:
        raise Reject('nothing left')
    return {'inputs': [{'shape': list(e.nodes[i][1].shape), 'k': [int(k) for k in e.nodes[i][2]]} for i in ins],
            'steps': steps}


def all_ops(steps):
    return {s['op'] for s in steps} | {o for s in steps for key in ('body', 'yes', 'no') for o in all_ops(s.get('params', {}).get(key, []))}


def reference(program, rng):
    xs = [jnp.asarray(np.array(i['k'], np.float64) / 64).reshape(i['shape']) for i in program['inputs']]
    vs = [jnp.asarray(direction(x.size, j)).reshape(x.shape) for j, x in enumerate(xs)]
    steps = program['steps']
    shapes = jax.eval_shape(lambda a: run(a, steps)[len(xs):], xs)
    bumps = [rng.choice([-1.0, 1.0], s.shape) for s in shapes]
    check = run([np.asarray(x) for x in xs], steps, table=QUICK)[-1]
    w = weights(shapes[-1].size).reshape(shapes[-1].shape)
    reverse = not any(s['op'] == 'whileLoop' for s in steps)

    def everything(a, noise):
        f = lambda b: jnp.sum(run(b, steps, noise, bumps)[-1] * w)
        g = jax.value_and_grad(f) if reverse else lambda b: (f(b), jax.jacfwd(f)(b))
        (value, gradient), (_, product) = jax.jvp(g, (a,), (vs,))
        return value, gradient, product

    fast = jax.jit(everything)
    value, gradient, product = jax.device_get(fast(xs, jnp.zeros(len(steps))))
    assert abs(value - np.sum(check * w)) <= 1e-6 * max(1, abs(value)), steps
    total = lambda t: float(np.sqrt(sum(np.sum(np.square(x)) for x in t)))
    sizes = [abs(float(value)), total(gradient), total(product)]
    if not all(np.isfinite(sizes)) or max(sizes) > 1e6 or sizes[0] < 1e-3 or sizes[1] < 1e-3:
        raise Reject('magnitude')
    ulp = 2.0 ** -52
    for _ in range(6):
        moved = [x * (1 + ulp * rng.integers(-1, 2, x.shape)) for x in xs]
        other = jax.device_get(fast(moved, jnp.asarray(rng.integers(-1, 2, len(steps)) * ulp)))
        if abs(other[0] - value) > 1e-11 * abs(value):
            raise Reject('ill-conditioned value')
        for name, was, now in (('gradient', gradient, other[1]), ('product', product, other[2])):
            floor = 1e-4 * max(total(was), sizes[1])
            for x, y in zip(was, now):
                if np.linalg.norm(x - y) > 1e-11 * max(np.linalg.norm(x), floor):
                    raise Reject(f'ill-conditioned {name}')
    flat = lambda t: [[float(f'{v:.17g}') for v in x.ravel()] for x in t]
    return {**program, 'value': float(value), 'gradient': flat(gradient), 'hvp': flat(product)}


def unit(task):
    """Some programs from one seed: program j has the operation wanted[j]."""
    number, wanted = task
    rng, programs = np.random.default_rng([SEED, number]), []
    for op in wanted:
        for _ in range(30):
            try:
                p = candidate(rng, [op])
                if op in {s['op'] for s in p['steps']}:
                    programs.append(reference(p, rng))
                    break
            except Reject:
                continue
    return programs


own = threading.local()


def attempt(task):
    """The unit in a process of this thread; none of its programs when the compiler of XLA aborts on one of them."""
    try:
        own.pool = getattr(own, 'pool', None) or ProcessPoolExecutor(1, multiprocessing.get_context('spawn'))
        return own.pool.submit(unit, task).result()
    except BrokenProcessPool:
        own.pool = None
        return []


def main():
    programs, start, ops = [], time.time(), list(G)
    counts = lambda: {n: sum(any(s['op'] == n for s in p['steps']) for p in programs) for n in ops}
    cycle = [ops[i % len(ops)] for i in range(COUNT)]
    tasks = [(i, cycle[i * 6:i * 6 + 6]) for i in range(COUNT // 6)]
    with ThreadPoolExecutor(WORKERS) as threads:
        while tasks:
            for found in threads.map(attempt, tasks):
                programs += found
                print(len(programs), f'{time.time() - start:.0f}s', flush=True)
                write(programs, counts())
            # Whatever is still rare is asked for again.
            rare = [n for n, c in counts().items() for _ in range(LEAST - c)]
            rare += cycle[:max(0, COUNT - len(programs) - len(rare))]
            first = tasks[-1][0] + 1
            tasks = [(first + i, rare[i * 3:i * 3 + 3]) for i in range((len(rare) + 2) // 3)]
    assert min(counts().values()) >= LEAST and len(programs) >= 320
    size = write(programs, counts())
    print('depth', np.bincount([len(p['steps']) for p in programs]).tolist(), 'bytes', size, f'{time.time() - start:.0f}s')


def write(programs, counts):
    meta = {'source': 'packages/core/test/reference/programs.py', 'seed': SEED, 'python': sys.version.split()[0],
            'jax': jax.__version__, 'numpy': np.__version__, 'least': LEAST, 'ops': dict(sorted(counts.items()))}
    lines = ',\n'.join(json.dumps({'id': i, **p}, separators=(',', ':')) for i, p in enumerate(programs))
    out = pathlib.Path(__file__).with_suffix('.json')
    out.write_text('{"meta":' + json.dumps(meta, separators=(',', ':')) + ',\n"programs":[\n' + lines + '\n]}\n')
    return out.stat().st_size


if __name__ == '__main__':
    main()
