"""Recurrent layers, attention and a transformer block of PyTorch in float64: writes sequences.json beside this file.

    pip install torch && python -P sequences.py && npx biome format --write sequences.json

The weights are in the layout of Cotangent: kernels [in, out], the two biases of an LSTM and an RNN added, those of a GRU
stacked, the projections of attention apart. `y` is the output, `weights` the cotangent that is pulled back, `grads` its
pullback to the parameters and `dx` to the input; `hidden` and `cell` are the state after the last step.
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
B, T, I, U = 2, 5, 3, 2


def numbers(t):
    return [float(v) for v in t.detach().reshape(-1)]


def leaf(t):
    return {'shape': list(t.shape), 'data': numbers(t)}


def tree(f, t):
    return {k: tree(f, v) for k, v in t.items()} if isinstance(t, dict) else f(t)


def recurrent_params(m, suffix, grad):
    get = lambda n: (getattr(m, n + suffix).grad if grad else getattr(m, n + suffix))
    bi, bh = get('bias_ih_l0'), get('bias_hh_l0')
    # Both biases of an RNN and an LSTM have the gradient of their sum.
    bias = torch.stack([bi, bh]) if isinstance(m, nn.GRU) else (bi if grad else bi + bh)
    return {'kernel': get('weight_ih_l0').T, 'recurrent': get('weight_hh_l0').T, 'bias': bias}


def pull(m, call, x):
    y = call(x)
    w = torch.randn(y.shape)
    (y * w).sum().backward()
    return {'x': leaf(x), 'y': leaf(y), 'weights': leaf(w), 'dx': leaf(x.grad)}


out = {}
for name, kind, extra in [('rnn', nn.RNN, {}), ('relu', nn.RNN, {'nonlinearity': 'relu'}), ('lstm', nn.LSTM, {}), ('gru', nn.GRU, {})]:
    for mode in ['forward', 'reverse', 'last', 'bidirectional', 'continued']:
        both = mode == 'bidirectional'
        m = kind(I, U, batch_first=True, bidirectional=both, **extra)
        x = torch.randn(B, T, I, requires_grad=True)
        final = {}
        start = {}
        if mode == 'continued':
            h0 = torch.randn(1, B, U)
            start = {'hidden': h0[0]}
            if kind is nn.LSTM:
                c0 = torch.randn(1, B, U)
                start['cell'] = c0[0]

        def call(v):
            v = v.flip(1) if mode == 'reverse' else v
            given = (h0, c0) if 'cell' in start else h0 if start else None
            y, s = m(v, given)
            h, c = s if isinstance(s, tuple) else (s, None)
            if not both:
                final['hidden'] = h[0]
                if c is not None:
                    final['cell'] = c[0]
            return y.flip(1) if mode == 'reverse' else h[0] if mode == 'last' else y

        record = pull(m, call, x)
        for key, grad in [('params', False), ('grads', True)]:
            p = recurrent_params(m, '', grad)
            record[key] = tree(leaf, {'forward': p, 'backward': recurrent_params(m, '_reverse', grad)} if both else p)
        out[f'{name} {mode}'] = {**record, **tree(leaf, final), 'initial': tree(leaf, start)}

E, H = 4, 2


def linear(m, grad):
    return {'kernel': (m.weight.grad if grad else m.weight).T, 'bias': m.bias.grad if grad else m.bias}


def norm(m, grad):
    return {'scale': m.weight.grad if grad else m.weight, 'bias': m.bias.grad if grad else m.bias}


def attention_params(m, grad):
    w = (m.in_proj_weight.grad if grad else m.in_proj_weight).chunk(3)
    b = (m.in_proj_bias.grad if grad else m.in_proj_bias).chunk(3)
    return {
        **{n: {'kernel': w[i].T, 'bias': b[i]} for i, n in enumerate(['query', 'key', 'value'])},
        'output': linear(m.out_proj, grad),
    }


def block_params(m, grad):
    return {
        'norm1': norm(m.norm1, grad),
        'attention': attention_params(m.self_attn, grad),
        'norm2': norm(m.norm2, grad),
        'hidden': linear(m.linear1, grad),
        'output': linear(m.linear2, grad),
    }


for causal in [False, True]:
    mask = nn.Transformer.generate_square_subsequent_mask(T) if causal else None
    tail = ' causal' if causal else ''
    a = nn.MultiheadAttention(E, H, batch_first=True)
    b = nn.TransformerEncoderLayer(E, H, 6, dropout=0.0, activation='gelu', batch_first=True, norm_first=True)
    for m in (a, b):
        for p in m.parameters():
            nn.init.normal_(p, std=0.5)
    for name, m, params, call in [
        ('attention', a, attention_params, lambda v: a(v, v, v, attn_mask=mask, need_weights=False)[0]),
        ('transformer', b, block_params, lambda v: b(v, src_mask=mask)),
    ]:
        x = torch.randn(B, T, E, requires_grad=True)
        record = pull(m, call, x)
        out[name + tail] = {
            **record,
            'params': tree(leaf, params(m, False)),
            'grads': tree(leaf, params(m, True)),
        }
pathlib.Path(__file__).with_name('sequences.json').write_text(json.dumps(out))
