"""Files written by Python's safetensors: writes safetensors.json beside this file.

    pip install safetensors numpy && python -P safetensors_files.py && npx biome format --write safetensors.json

`file` is the whole file and `tensors` the bytes of each tensor, both in base64. The file `ours` has the metadata that
Cotangent writes for the same tree, so that the two files must be equal byte for byte.
"""

import base64
import json
import pathlib

import numpy as np
from safetensors.numpy import load, save


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
    'halves': ({'h': np.array([1, 2], dtype='<f2')}, None),
    'longs': ({'n': np.array([1, 2], dtype='<i8')}, None),
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
pathlib.Path(__file__).with_name('safetensors.json').write_text(json.dumps(out, ensure_ascii=False))
