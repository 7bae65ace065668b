"""Reference values of the elementary functions: writes elementary.json beside this file.

    pip install mpmath && python elementary.py && npx biome format --write elementary.json

Inputs and the nearest doubles of the true values, flat, as in special.json: here are the functions that JavaScript
has itself, for the compiler's own versions of them.
"""

import sys

# Python looks beside the script first, where the file make_random.py would stand in for the standard module.
here = sys.path.pop(0)

import json
import pathlib
import random

from mpmath import inf, isinf, mp, mpf

mp.dps = 60
random.seed(20240301)


def spread(low, high, count):
    """Positive numbers whose logarithms are uniform."""
    return [float(mp.exp(random.uniform(float(mp.log(mpf(low))), float(mp.log(mpf(high)))))) for _ in range(count)]


def between(low, high, count):
    return [random.uniform(low, high) for _ in range(count)]


def either_sign(xs):
    return [random.choice((-1, 1)) * x for x in xs]


tiny = either_sign([5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-20] + spread(1e-18, 1e-3, 12))


def circular(f):
    """With 320 digits, so that the angle is exact modulo a turn whatever its size."""
    def value(x):
        with mp.workdps(400):
            return f(x)
    # the last are the doubles nearest to a multiple of a quarter turn, after their size
    return value, (tiny + between(-8, 8, 70) + either_sign(spread(8, 1e6, 40)) + either_sign(spread(1e5, 1e308, 50))
                   + [float(mp.pi / 2 * k) for k in (1, 2, 3, 4, 11, 22, 355, 710, 1000001)]
                   + [5.319372648326541e255, 6381956970095103 * 2.0**797, 2.0**20, 2.0**20 + 1, 1.7976931348623157e308])


points = {
    'exp': (mp.exp, tiny + between(-745, 709.7, 60) + between(-2, 2, 60) + between(-745.1, -708, 30) + [0, 1, inf, -inf]),
    'expm1': (mp.expm1, tiny + between(-40, 709.7, 50) + between(-2, 2, 90) + [0, 1, 709.75, inf, -inf]),
    'log': (lambda x: mp.log(x) if x else -inf, [abs(x) for x in tiny] + spread(1e-320, 1.7e308, 60) + between(0.5, 2, 70)
            + [1 + x for x in either_sign(spread(3e-16, 0.1, 30))] + [0, 1, inf]),
    'log1p': (lambda x: mp.log1p(x) if x > -1 else -inf, tiny + between(-1, 2, 100) + spread(1e-3, 1e308, 40)
              + [d - 1 for d in spread(2e-16, 0.1, 20)] + [0, -1, inf]),
    'sin': circular(mp.sin),
    'cos': circular(mp.cos),
    'tan': circular(mp.tan),
    'asin': (mp.asin, tiny + between(-1, 1, 120) + [1 - d for d in spread(2e-16, 0.1, 30)] + [0, 0.5, 0.975, 1, -1]),
    'acos': (mp.acos, tiny + between(-1, 1, 120) + [1 - d for d in spread(2e-16, 0.1, 30)]
             + [-1 + d for d in spread(2e-16, 0.1, 20)] + [0, 0.5, -0.5, 1, -1]),
    'atan': (mp.atan, tiny + between(-3, 3, 100) + either_sign(spread(1e-3, 1e20, 40)) + [0, 1, -1, inf, -inf]),
    'asinh': (mp.asinh, tiny + between(-3, 3, 100) + either_sign(spread(1e-3, 1e308, 50)) + [0, 1, inf, -inf]),
    'atanh': (mp.atanh, tiny + between(-1, 1, 120) + [1 - d for d in spread(2e-16, 0.1, 30)] + [0, 0.5, -0.5, 1, -1]),
    'cbrt': (lambda x: mp.sign(x) * mp.cbrt(abs(x)), tiny + between(-10, 10, 60) + either_sign(spread(1e-320, 1.7e308, 60))
             + [0, 1, -8, 27, inf, -inf]),
}

pairs = {
    'atan2': (mp.atan2, [*zip(between(-3, 3, 60), between(-3, 3, 60))]
              + [*zip(either_sign(spread(1e-300, 1e300, 60)), either_sign(spread(1e-300, 1e300, 60)))]
              + [(x, x * random.uniform(-2, 2)) for x in either_sign(spread(1e-307, 8e307, 60))]
              + [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (5e-324, 5e-324), (1e-310, -3e-311)]),
}


def written(value):
    """The nearest double in the shortest form that reads back as it."""
    value = float(value)
    if isinf(value):
        return '1e999' if value > 0 else '-1e999'
    return json.dumps(int(value) if value == int(value) and 0 < abs(value) < 1e15 else value)


def row(values):
    return '[' + ', '.join(map(written, values)) + ']'


rows = {name: [v for x in map(float, xs) for v in (x, f(mpf(x)))] for name, (f, xs) in points.items()}
for name, (f, xs) in pairs.items():
    rows[name] = [v for x, y in xs for v in (float(x), float(y), f(mpf(float(x)), mpf(float(y))))]
text = ',\n'.join(f'  "{name}": {row(values)}' for name, values in rows.items())
pathlib.Path(__file__).with_suffix('.json').write_text('{\n' + text + '\n}\n')
