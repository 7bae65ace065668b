"""Reference values of layers and losses: writes layers.json and losses.json beside this file.

    pip install torch==2.13 && python -P layers.py && npx biome format --write layers.json losses.json

Everything is float64. Operands follow from the index of each entry, `made` below, so the files hold shapes and seeds for
them. A row of layers.json has the result y, the pullback of a cotangent (seed 619) in the input and the parameters, and
the new state; arrays have this package's layout: channels last, kernels [...window, in, out].
"""

import json
import pathlib
import random

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random.seed(11)
SEEDS = {'x': 367, 'kernel': 571, 'bias': 97, 'scale': 211, 'embedding': 433, 'mean': 149, 'variance': 733, 'ct': 619}


def made(shape, seed):
    i = np.arange(int(np.prod(shape)))
    return torch.tensor((((i * seed + 7) % 1009) - 504) / 256).reshape(tuple(shape))


def flat(t):
    return t.detach().numpy().ravel().tolist()


rows = []


def row(layer, args, f, x, params, *, train=True, state=None, inner=None, integers=None):
    """f(x, params, state) gives y and the new state, in this package's layout."""
    p = {k: made(s, SEEDS[k]).requires_grad_() for k, s in params.items()}
    if integers is None:
        xs = made(x, SEEDS['x']).requires_grad_()
    else:
        xs = torch.tensor(integers).reshape(tuple(x))
    s = {k: made(v, SEEDS[k]) for k, v in (state or {}).items()}
    if 'variance' in s:
        s['variance'] = s['variance'].abs() + 0.25
    y, after = f(xs, p, s)
    pulled = (y * made(y.shape, SEEDS['ct'])).sum()
    wanted = list(p.values()) + ([] if integers else [xs])
    grads = torch.autograd.grad(pulled, wanted) if wanted else []
    rows.append(
        {
            'layer': layer,
            'args': args,
            **({'inner': inner} if inner else {}),
            'train': train,
            'x': list(x),
            **({'integers': integers} if integers else {}),
            'params': {k: list(v) for k, v in params.items()},
            'state': {k: list(v) for k, v in (state or {}).items()},
            'out': list(y.shape),
            'y': flat(y),
            'dparams': {k: flat(g) for k, g in zip(p, grads)},
            **({} if integers else {'dx': flat(grads[-1])}),
            'after': {k: flat(v) for k, v in after.items()},
        }
    )


def first(x):
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def weights(w):
    return w.movedim(-1, 0).movedim(-1, 1).contiguous()


def convolve(dims, options):
    def f(x, p, s):
        pad, lead = options['padding'], first(x)
        if pad == 'causal':
            lead, pad = F.pad(lead, ((options['window'] - 1) * options['dilation'], 0)), 0
        elif isinstance(pad, list):
            lead, pad = F.pad(lead, [n for pair in reversed(pad) for n in pair]), 0
        elif pad == 'valid':
            pad = 0
        call = F.conv1d if dims == 1 else F.conv2d
        kinds = {k: options[k] if isinstance(options[k], int) else tuple(options[k]) for k in ('strides', 'dilation')}
        y = call(lead, weights(p['kernel']), p.get('bias'), kinds['strides'], pad, kinds['dilation'], options['groups'])
        return last(y), {}

    return f


def convolutions():
    for dims in (1, 2):
        for _ in range(10):
            groups = random.choice([1, 1, 2])
            cin, cout = groups * random.choice([1, 2]), groups * random.choice([1, 2, 3])
            window = random.choice([1, 2, 3]) if dims == 1 else random.choice([2, 3, [1, 3], [3, 2]])
            strides = random.choice([1, 2]) if dims == 1 else random.choice([1, 2, [2, 1]])
            kinds = ['valid', 1, 'same', 'causal'] if dims == 1 else ['valid', 1, 'same', [[1, 0], [0, 2]]]
            padding = random.choice(kinds)
            if padding == 'same':
                strides = 1
            options = {
                'window': window,
                'strides': strides,
                'padding': padding,
                'dilation': random.choice([1, 2]),
                'groups': groups,
                'bias': random.random() < 0.7,
            }
            size = window if isinstance(window, list) else [window] * dims
            params = {'kernel': [*size, cin // groups, cout]}
            if options['bias']:
                params['bias'] = [cout]
            spatial = [random.randint(6, 8) for _ in range(dims)]
            row(f'conv{dims}d', [cout, options], convolve(dims, options), [2, *spatial, cin], params)


def pools():
    for _ in range(6):
        window = random.choice([2, 3, [2, 3]])
        options = {
            'window': window,
            'strides': random.choice([1, 2, [2, 1]]),
            'padding': random.choice([0, 1]),
            'dilation': random.choice([1, 2]),
        }
        row(
            'maxPool2d',
            [options],
            lambda x, p, s: (
                last(F.max_pool2d(first(x), window, options['strides'], options['padding'], options['dilation'])),
                {},
            ),
            [2, 7, 6, 2],
            {},
        )
        counted = random.random() < 0.5
        mean = {k: v for k, v in options.items() if k != 'dilation'}
        row(
            'avgPool2d',
            [{**mean, 'countPadding': counted}],
            lambda x, p, s: (
                last(F.avg_pool2d(first(x), window, options['strides'], options['padding'], False, counted)),
                {},
            ),
            [2, 7, 6, 2],
            {},
        )
    for shape in ([3, 4, 2], [2, 3, 5, 2]):
        row('globalAvgPool', [], lambda x, p, s: (x.mean(tuple(range(1, x.ndim - 1))), {}), shape, {})


def normalisations():
    def batch(options, train):
        def f(x, p, s):
            mean, var = s['mean'].clone(), s['variance'].clone()
            m, e = options.get('momentum', 0.1), options.get('epsilon', 1e-5)
            y = F.batch_norm(first(x), mean, var, p.get('scale'), p.get('bias'), train, m, e)
            return last(y), {'mean': mean, 'variance': var}

        return f

    for shape in ([6, 3], [4, 5, 2], [2, 3, 4, 3]):
        for options in ({}, {'momentum': 0.3, 'epsilon': 1e-3}, {'affine': False}):
            for train in (True, False):
                c = [shape[-1]]
                params = {} if options.get('affine') is False else {'scale': c, 'bias': c}
                row(
                    'batchNorm', [options], batch(options, train), shape, params, train=train,
                    state={'mean': c, 'variance': c},
                )
    for dims, shape in ((1, [3, 5]), (2, [2, 3, 4]), (1, [2, 3, 4]), (3, [2, 2, 3, 2])):
        n = shape[-dims:]
        row(
            'layerNorm', [{'dims': dims, 'epsilon': 1e-4}],
            lambda x, p, s: (F.layer_norm(x, n, p['scale'], p['bias'], 1e-4), {}), shape, {'scale': n, 'bias': n},
        )
        row('layerNorm', [{'dims': dims, 'affine': False}], lambda x, p, s: (F.layer_norm(x, n), {}), shape, {}, train=False)
        row(
            'rmsNorm', [{'dims': dims, 'epsilon': 1e-5}],
            lambda x, p, s: (F.rms_norm(x, n, p['scale'], 1e-5), {}), shape, {'scale': n},
        )
    for groups, shape in ((1, [2, 4, 3]), (2, [3, 6]), (2, [2, 3, 2, 4]), (4, [2, 5, 4])):
        c = [shape[-1]]
        row(
            'groupNorm', [groups, {}],
            lambda x, p, s: (last(F.group_norm(first(x), groups, p['scale'], p['bias'])), {}),
            shape, {'scale': c, 'bias': c},
        )
    for shape in ([2, 4, 3], [2, 3, 2, 2]):
        c = [shape[-1]]
        row(
            'instanceNorm', [{}],
            lambda x, p, s: (last(F.instance_norm(first(x), weight=p['scale'], bias=p['bias'])), {}),
            shape, {'scale': c, 'bias': c},
        )
        row('instanceNorm', [{'affine': False, 'epsilon': 1e-2}], lambda x, p, s: (last(F.instance_norm(first(x), eps=1e-2)), {}), shape, {})


def reparametrisations():
    """The weights of PyTorch are [out, in, ...window], and so is the order in which v of the spectral norm lies."""
    power = torch.nn.utils.parametrizations._SpectralNorm
    conv = {'window': [2, 2], 'strides': 1, 'padding': 'valid', 'dilation': 1, 'groups': 1, 'bias': True}

    def after(inner, kernel, x, p):
        if inner == 'dense':
            return x @ kernel + p['bias']
        return convolve(2, conv)(x, {'kernel': kernel, 'bias': p['bias']}, {})[0]

    for inner, args, x, kernel in (
        ('dense', [4], [3, 5], [5, 4]),
        ('dense', [2], [2, 3, 4], [4, 2]),
        ('conv2d', [3, conv], [2, 4, 3, 2], [2, 2, 2, 3]),
    ):
        units = [kernel[-1]]

        def weight(x, p, s):
            w = torch._weight_norm(p['kernel'].movedim(-1, 0), p['scale'].reshape(-1, *[1] * (len(kernel) - 1)), 0)
            return after(inner, w.movedim(0, -1), x, p), {}

        row('weightNorm', [], weight, x, {'kernel': kernel, 'bias': units, 'scale': units}, inner=[inner, args])
        for train in (True, False):
            for iterations in (1, 3):

                def spectral(x, p, s):
                    w = p['kernel'].movedim(-1, 0).reshape(kernel[-1], -1)
                    part = power(w.detach(), n_power_iterations=iterations)
                    # mean and variance stand for the two vectors, so that their seeds are at hand.
                    part._u.copy_(s['mean'])
                    part._v.copy_(s['variance'])
                    part.train(train)
                    y = after(inner, part(w).reshape(kernel[-1], *kernel[:-1]).movedim(0, -1), x, p)
                    return y, {'u': part._u.clone(), 'v': part._v.clone()}

                row(
                    'spectralNorm', [{'iterations': iterations}], spectral, x, {'kernel': kernel, 'bias': units},
                    inner=[inner, args], train=train, state={'mean': units, 'variance': [int(np.prod(kernel[:-1]))]},
                )


def tables():
    for integers, shape in (([0, 3, 3, 1], [4]), ([4, 0, 2, 2, 2, 1], [2, 3])):
        row(
            'embedding', [5, 3], lambda x, p, s: (F.embedding(x, p['embedding']), {}), shape, {'embedding': [5, 3]},
            integers=integers,
        )


losses = []


def loss(name, shape, target, options, f, spread=1.0):
    x = (made(shape, 367) * spread).requires_grad_()
    t = {k: torch.tensor(v) for k, v in options.items() if isinstance(v, list)}
    given = torch.tensor(target)
    value = f(x, given, {**options, **t})
    (dx,) = torch.autograd.grad((value * made(value.shape, 619)).sum(), [x])
    losses.append(
        {
            'loss': name, 'shape': shape, 'spread': spread, 'target': target, 'options': options,
            'value': flat(value), 'dx': flat(dx),
        }
    )


def reduced(each, o):
    w = each * o['weights'] if 'weights' in o else each
    return {'mean': w.mean, 'sum': w.sum, 'none': lambda: w}[o.get('reduction', 'mean')]()


def focal(x, y, o):
    g, a, e = o.get('gamma', 2), o.get('alpha'), o.get('labelSmoothing', 0)
    y = y * (1 - e) + e / 2
    pos = torch.exp(g * F.logsigmoid(-x)) * -F.logsigmoid(x)
    neg = torch.exp(g * F.logsigmoid(x)) * -F.logsigmoid(-x)
    return reduced(y * pos * (1 if a is None else a) + (1 - y) * neg * (1 if a is None else 1 - a), o)


def binary(x, y, o):
    e = o.get('labelSmoothing', 0)
    each = F.binary_cross_entropy_with_logits(
        x, y * (1 - e) + e / 2, pos_weight=o.get('positiveWeight'), reduction='none'
    )
    return reduced(each, o)


def all_losses():
    reductions = ('mean', 'sum', 'none')
    reals = (made([3, 4], 733)).tolist()
    probabilities = torch.softmax(made([3, 4], 733), -1).tolist()
    bits = (made([3, 4], 733) > 0).to(torch.float64).tolist()
    signs = torch.sign(made([3, 4], 733) - 0.001).tolist()
    w = (made([3, 4], 149).abs()).tolist()
    row_w = [0.5, 2.0, 1.25]
    s = [3, 4]
    for r in reductions:
        o = {'reduction': r}
        loss('mse', s, reals, o, lambda x, t, o: F.mse_loss(x, t, reduction=o['reduction']))
        loss('mse', s, reals, {**o, 'weights': w}, lambda x, t, o: reduced((x - t) ** 2, o))
        loss('mae', s, reals, o, lambda x, t, o: F.l1_loss(x, t, reduction=o['reduction']))
        for delta in (0.5, 1.0, 2.0):
            loss('huber', s, reals, {**o, 'delta': delta}, lambda x, t, o: F.huber_loss(x, t, o['reduction'], o['delta']))
        loss('hinge', s, signs, {**o, 'weights': row_w[:1]}, lambda x, t, o: reduced((1 - x * t).clamp(min=0), o))
        loss('cosine', s, reals, o, lambda x, t, o: reduced(1 - F.cosine_similarity(x, t, dim=-1), o))
        loss('cosine', s, reals, {**o, 'weights': row_w}, lambda x, t, o: reduced(1 - F.cosine_similarity(x, t, dim=-1), o))
        for spread in (1.0, 400.0):
            for e in (0.0, 0.1):
                for c in ({}, {'classWeights': [0.5, 1.0, 2.0, 0.25]}):
                    for t in ([2, 0, 3], probabilities):
                        loss(
                            'softmaxCrossEntropy', s, t, {**o, 'labelSmoothing': e, **c},
                            lambda x, t, o: F.cross_entropy(
                                x, t, o.get('classWeights'), reduction=o['reduction'], label_smoothing=o['labelSmoothing']
                            ),
                            spread,
                        )
                for extra in ({}, {'positiveWeight': [3.0, 1.0, 0.5, 2.0]}, {'weights': w}):
                    loss('sigmoidBinaryCrossEntropy', s, bits, {**o, 'labelSmoothing': e, **extra}, binary, spread)
                for extra in ({}, {'gamma': 0.5, 'alpha': 0.25}, {'gamma': 3.0}):
                    loss('focal', s, bits, {**o, 'labelSmoothing': e, **extra}, focal, spread)
        soft = lambda x, t, o: reduced(F.kl_div(x, t, reduction='none').sum(-1), o)
        loss('klDivergence', s, probabilities, o, soft)
        loss('klDivergence', s, [[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.25] * 4], {**o, 'weights': row_w}, soft)


def write(name, table):
    path = pathlib.Path(__file__).with_name(name)
    path.write_text(json.dumps({'torch': torch.__version__.split('+')[0], 'rows': table}, allow_nan=False))
    print(name, len(table))


convolutions()
pools()
normalisations()
reparametrisations()
tables()
all_losses()
write('layers.json', rows)
write('losses.json', losses)
