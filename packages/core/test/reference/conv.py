"""Reference values of convolutions: writes conv.json beside this file.

    pip install jax && python -P conv.py && npx biome format --write conv.json

Operands follow from the index of each entry and are multiples of 1/4, so that values and gradients are multiples of 1/16
and exact in any order of summation; the file holds them times 16. `y` is the result, `dx` and `dw` are the pullback of a
cotangent made in the same way. A transposed convolution is what its definition says: the transpose of a convolution, in
its input, from [..., T, filters] to [..., n, channels], where T follows PyTorch's rule.
"""

import itertools
import json
import pathlib
import random

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update('jax_enable_x64', True)
random.seed(7)


def made(shape, a, b, m):
    i = np.arange(int(np.prod(shape)))
    return jnp.asarray((((i * a + b) % m) - m // 2) / 4).reshape(shape)


def numbers(rank):
    spatial = 'DHW'[3 - rank :]
    return (f'N{spatial}C', f'{spatial}IO', f'N{spatial}C')


def forward(x, w, strides, padding, dilation, groups):
    return jax.lax.conv_general_dilated(
        x,
        w,
        strides,
        padding,
        rhs_dilation=dilation,
        feature_group_count=groups,
        dimension_numbers=numbers(x.ndim - 2),
        precision='highest',
    )


def exact(t):
    wide = np.asarray(t).ravel() * 16
    assert np.all(wide == np.round(wide))
    return wide.astype(int).tolist()


def row(kind, x, w, options, f):
    y, pull = jax.vjp(f, x, w)
    dx, dw = pull(made(y.shape, 3, 2, 13))
    shapes = {'x': x.shape, 'w': w.shape, 'out': y.shape}
    return {'kind': kind, **shapes, 'options': options, 'y': exact(y), 'dx': exact(dx), 'dw': exact(dw)}


def causal(k, d):
    return [((k - 1) * d, 0)]


def convolution(rank, padding, groups):
    size = [random.choice([1, 2, 3]) for _ in range(rank)]
    strides = [random.choice([1, 2, 3]) for _ in range(rank)]
    dilation = [random.choice([1, 1, 2]) for _ in range(rank)]
    spatial = [random.choice([4, 5, 6]) + (k - 1) * d - 2 * (rank == 3) for k, d in zip(size, dilation)]
    per = random.choice([1, 2]) if groups > 1 else random.choice([1, 3])
    out = groups * random.choice([1, 2])
    x = made([2 if rank < 3 else 1, *spatial, per * groups], 7, 3, 11)
    w = made([*size, per, out], 5, 1, 7)
    if padding == 'pairs':
        padding = [[random.choice([0, 1, 2]), random.choice([0, 1, 2])] for _ in range(rank)]
    options = {'strides': strides, 'padding': padding, 'dilation': dilation, 'groups': groups}
    if isinstance(padding, int):
        lax = [(padding, padding)] * rank
    elif padding == 'causal':
        lax = causal(size[0], dilation[0])
    else:
        lax = padding.upper() if isinstance(padding, str) else padding
    return row('conv', x, w, options, lambda x, w: forward(x, w, strides, lax, dilation, groups))


def transposed(rank, padding, groups):
    size = [random.choice([2, 3]) for _ in range(rank)]
    strides = [random.choice([1, 2, 3]) for _ in range(rank)]
    dilation = [random.choice([1, 1, 2]) for _ in range(rank)]
    spatial = [random.choice([3, 4]) for _ in range(rank)]
    extra = [0 if padding == 'same' else random.randrange(s) for s in strides]
    per, filters = 2, random.choice([1, 2])
    cin, cout = per * groups, filters * groups
    x = made([2 if rank < 3 else 1, *spatial, cin], 7, 3, 11)
    w = made([*size, per, cout], 5, 1, 7)
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    if padding == 'same':
        cut, target = 'SAME', [n * s for n, s in zip(spatial, strides)]
    else:
        cut = [(padding, padding)] * rank
        target = [(n - 1) * s - 2 * padding + k + e for n, s, k, e in zip(spatial, strides, reach, extra)]
    options = {'strides': strides, 'padding': padding, 'dilation': dilation, 'groups': groups, 'outputPadding': extra}

    def f(x, w):
        # [k, per, groups, filters] -> [k, filters, groups, per]: the kernel of the convolution that is transposed.
        split = w.reshape(*size, per, groups, filters)
        kernel = jnp.moveaxis(split, -3, -1).swapaxes(-3, -2).reshape(*size, filters, cin)
        like = jax.ShapeDtypeStruct((x.shape[0], *target, cout), x.dtype)
        return jax.linear_transpose(lambda z: forward(z, kernel, strides, cut, dilation, groups), like)(x)[0]

    return row('convTranspose', x, w, options, f)


rows = [
    convolution(rank, padding, groups)
    for rank, padding, groups in itertools.product([1, 2, 3], ['valid', 'same', 1, 'pairs'], [1, 2, 3])
    if rank < 3 or groups < 3
]
rows += [convolution(1, 'causal', groups) for groups in [1, 2]]
rows += [transposed(rank, padding, groups) for rank in [1, 2] for padding in [0, 1, 'same'] for groups in [1, 2]]
rows += [transposed(3, 1, 1)]

path = pathlib.Path(__file__).with_name('conv.json')
path.write_text('[\n' + ',\n'.join(json.dumps(r, separators=(',', ':')) for r in rows) + '\n]\n')
print(len(rows), path.stat().st_size)
