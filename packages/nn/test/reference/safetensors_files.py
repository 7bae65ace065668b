"""Files written by Python's safetensors: writes safetensors.json beside this file.

    pip install safetensors numpy torch==2.13.0 && python -P safetensors_files.py && npx biome format --write safetensors.json

The files `halves`, `brains` and `longs` have dtypes that become others: their tensors are what numpy or torch makes of
them, and `all` is the SHA-256 of all 65,536 patterns of 16 bits as float32, except those of signalling NaNs.

`file` is the whole file and `tensors` the bytes of each tensor, both in base64. The file `ours` has the metadata that
Cotangent writes for the same tree, so that the two files must be equal byte for byte.
"""

import base64
import json
import pathlib

import hashlib

import numpy as np
import torch
from safetensors.numpy import load, save
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch


def text(data):
    return base64.b64encode(data).decode()


special = [0.0, -0.0, np.inf, -np.inf, 5e-324, 1.7976931348623157e308, 0.1, -1 / 3]
nans = np.array([0x7FF8000000000001, 0xFFF0000000000001], dtype='<u8').view('<f8')
tensors = {
    'body/0/kernel': np.array([[0.1, -2.5, 3.0], [1e-45, np.inf, -0.0]], dtype='<f4'),
    'body/0/bias': np.array([np.nan, -1.0, 0.0], dtype='<f4'),
    'body/1': np.array([True, False, True]),
    'head/kernel': np.array(special, dtype='<f8').reshape(2, 2, 2),
    'head/nans': nans,
    'steps': np.array(-2147483648, dtype='<i4'),
    'größe': np.zeros((0, 3), dtype='<f4'),
    '10': np.array([7], dtype='<i4'),
}
structure = {
    'params': {
        '10': '10',
        'body': [{'kernel': 'body/0/kernel', 'bias': 'body/0/bias'}, 'body/1'],
        'head': {'kernel': 'head/kernel', 'nans': 'head/nans'},
        'steps': 'steps',
        'größe': 'größe',
    }
}
compact = json.dumps(structure, ensure_ascii=False, separators=(',', ':'))
torch_like = {'layers.0.weight': np.eye(2, dtype='<f4'), 'layers.0.bias': np.array([1, 2], dtype='<f4')}
files = {
    'ours': (tensors, {'cotangent': compact}),
    'plain': (torch_like, None),
    'described': (torch_like, {'format': 'pt'}),
    'empty': ({}, None),
}
out = {}
for name, (arrays, metadata) in files.items():
    data = save(arrays, metadata)
    assert all(load(data)[k].tobytes() == v.tobytes() for k, v in arrays.items())
    out[name] = {
        'file': text(data),
        'tensors': {
            k: {'dtype': str(v.dtype), 'shape': list(v.shape), 'data': text(v.tobytes())} for k, v in arrays.items()
        },
    }


def widened(name, data, tensors, all_patterns=None):
    out[name] = {
        'file': text(data),
        'tensors': {
            k: {'dtype': str(v.dtype), 'shape': list(v.shape), 'data': text(v.tobytes())} for k, v in tensors.items()
        },
        **({} if all_patterns is None else {'all': hashlib.sha256(all_patterns.astype('<f4').tobytes()).hexdigest()}),
    }


# Quiet NaNs only: what becomes of a signalling one depends on the processor.
patterns = np.arange(65536, dtype='<u2')
f2 = patterns[((patterns & 0x7C00) != 0x7C00) | ((patterns & 0x3FF) == 0) | ((patterns & 0x200) != 0)]
bf = patterns[((patterns & 0x7F80) != 0x7F80) | ((patterns & 0x7F) == 0) | ((patterns & 0x40) != 0)]
halves = {'h': np.array([1, -2, 65504, 6e-8, 6.1e-5, 0.0, -0.0, np.inf, -np.inf, np.nan, 1 / 3], dtype='<f2')}
brains = {'b': torch.tensor([1, -2, 3.4e38, 1e-40, 0.0, -0.0, float('inf'), float('nan'), 1 / 3]).to(torch.bfloat16)}
longs = {'n': np.array([[1, -2], [2**31 - 1, -(2**31)]], dtype='<i8')}
widened(
    'halves', data := save(halves), {k: v.astype('<f4') for k, v in load(data).items()}, f2.view('<f2').astype('<f4')
)
widened(
    'brains',
    data := save_torch(brains),
    {k: v.to(torch.float32).numpy() for k, v in load_torch(data).items()},
    torch.from_numpy(bf.view('<i2').copy()).view(torch.bfloat16).to(torch.float32).numpy(),
)
widened('longs', data := save(longs), {k: v.astype('<i4') for k, v in load(data).items()})
# torch agrees but for payloads of NaN, which its conversion one by one forgets.
assert np.array_equal(
    torch.from_numpy(f2.view('<f2').copy()).to(torch.float32).numpy(), f2.view('<f2').astype('<f4'), equal_nan=True
)
pathlib.Path(__file__).with_name('safetensors.json').write_text(json.dumps(out, ensure_ascii=False))
