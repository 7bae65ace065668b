"""Writes random.json: what jax.random gives, for the tests of the random numbers.

Run with JAX 0.10 on a CPU, from this directory:

    python make_random.py && npx biome format --write random.json

Words are integers. A float32 is given by its bits (an integer) and a float64 by the hexadecimal digits of its
bits, so that a comparison is exact. `samples` holds plain values (exact, as JSON prints them in full).
"""

import json
import sys

sys.path.pop(0)  # this file's name is that of a module of the standard library

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update('jax_enable_x64', True)
jax.config.update('jax_platforms', 'cpu')
assert jax.config.jax_threefry_partitionable

random = jax.random


def words(array):
    return np.asarray(array).astype(np.uint32).tolist()


def key_words(keys):
    return words(random.key_data(keys))


def bits32(array):
    assert array.dtype == np.float32
    return np.asarray(array).view(np.uint32).tolist()


def bits64(array):
    array = np.asarray(array)
    assert array.dtype in (np.float64, np.uint64)
    return [f'{v:016x}' for v in array.view(np.uint64).ravel().tolist()]


SEEDS = [0, 1, 42, 1234567890, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 5, 2**53 - 1]
SEEDS += [-1, -5, -(2**31), -(2**31) - 1, -(2**32), -(2**53) + 1]
KEYS = [random.key(seed) for seed in (0, 42, -1, 2**53 - 1)]
DATA = [0, 1, 2, 1000, 2**31 - 1, 2**31, 2**32 - 1]
BOUNDS = [(-1.0, 1.0), (-2.5, 7.3), (0.1, 0.2), (-3.0, 10.0), (0.001, 1000.0), (5.0, 5.0), (2.0, 1.0), (-1e-3, 1e9)]


def block(key, counter):
    from jax.extend.random import threefry_2x32

    k = random.key_data(key)
    c = np.array(counter, np.uint32)
    return {'key': words(k), 'counter': words(c), 'out': words(threefry_2x32((k[0], k[1]), jnp.asarray(c)))}


def per_key(key):
    left, right = random.split(key)
    return {
        'key': key_words(key),
        'split': [{'n': n, 'keys': key_words(random.split(key, n))} for n in (1, 2, 3, 7)],
        'nested': {
            'left.split(3)': key_words(random.split(left, 3)),
            'right.split().right.split(2)': key_words(random.split(random.split(right)[1], 2)),
            'foldIn(7).split(2)': key_words(random.split(random.fold_in(key, 7), 2)),
            'split(2).left.foldIn(3)': key_words(random.fold_in(left, 3)),
        },
        'foldIn': [{'data': d, 'key': key_words(random.fold_in(key, d))} for d in DATA],
        'bits': [{'count': n, 'bits': words(random.bits(key, (n,), 'uint32'))} for n in (0, 1, 2, 5, 100)],
        'bitsOfScalar': words(random.bits(key, (), 'uint32')),
        'bitsOfShape3x4': words(random.bits(key, (3, 4), 'uint32')),
        'bits64': bits64(random.bits(key, (20,), 'uint64')),
        'uniform32': bits32(random.uniform(key, (50,), 'float32')),
        'uniform64': bits64(random.uniform(key, (50,), 'float64')),
        'bounded': [
            {
                'minval': lo,
                'maxval': hi,
                'uniform32': bits32(random.uniform(key, (50,), 'float32', lo, hi)),
                'uniform64': bits64(random.uniform(key, (50,), 'float64', lo, hi)),
            }
            for lo, hi in BOUNDS
        ],
    }


def samples(key):
    logits = jnp.log(jnp.array([0.1, 0.2, 0.3, 0.4], 'float32'))
    f32, f64 = jnp.float32, jnp.float64
    as_list = lambda a: np.asarray(a).tolist()
    return {
        'key': key_words(key),
        'normal32(20)': as_list(random.normal(key, (20,), f32)),
        'normal64(20)': as_list(random.normal(key, (20,), f64)),
        'truncatedNormal32(-1,2,20)': as_list(random.truncated_normal(key, -1.0, 2.0, (20,), f32)),
        'truncatedNormal64(-1,2,20)': as_list(random.truncated_normal(key, -1.0, 2.0, (20,), f64)),
        'bernoulli(float32 0.3,20)': as_list(random.bernoulli(key, f32(0.3), (20,))),
        'randint32(-5,17,20)': as_list(random.randint(key, (20,), -5, 17, 'int32')),
        'randint32(0,1000000000,20)': as_list(random.randint(key, (20,), 0, 10**9, 'int32')),
        'permutation(int32 10)': as_list(random.permutation(key, jnp.arange(10, dtype='int32'))),
        'permutation(int32 2000).first20': as_list(random.permutation(key, jnp.arange(2000, dtype='int32'))[:20]),
        'permutation(rows of 4x3)': as_list(random.permutation(key, jnp.arange(12, dtype='int32').reshape(4, 3))),
        'categorical(log [.1,.2,.3,.4] float32,20)': as_list(random.categorical(key, logits, shape=(20,))),
        'gumbel32(20)': as_list(random.gumbel(key, (20,), f32)),
        'exponential32(20)': as_list(random.exponential(key, (20,), f32)),
        'gamma64(2.5,10)': as_list(random.gamma(key, 2.5, (10,), f64)),
        'beta64(2,3,10)': as_list(random.beta(key, 2.0, 3.0, (10,), f64)),
    }


reference = {
    'jax': jax.__version__,
    'seeds': [{'seed': s, 'key': key_words(random.key(s))} for s in SEEDS],
    # In JAX every integer of fold_in is taken as uint32; a negative one comes as an int32 array.
    'foldInNegative': {
        'key': key_words(KEYS[1]),
        'data': -3,
        'out': key_words(random.fold_in(KEYS[1], jnp.asarray(-3, 'int32'))),
    },
    'blocks': [block(k, c) for k in KEYS for c in ([0, 0], [0, 1], [1, 0], [2**32 - 1, 2**32 - 1])],
    'keys': [per_key(k) for k in KEYS],
    'samples': [samples(k) for k in KEYS[:2]],
}

with open('random.json', 'w') as file:
    json.dump(reference, file)
    file.write('\n')
