"""Reference values of the double-double functions: writes reference.json beside this file.

    pip install mpmath && python reference.py && npx biome format --write reference.json

Arguments are sums of two doubles, so they are exact; values are given to two doubles, from mpmath at 120 digits. A
row is flat: the words of the arguments, the words of the value, and again. With --constants it prints the constants
of packages/check/src/oracles/doubleDouble/constants.ts.
"""

import json
import pathlib
import random
import sys

from mpmath import mp, mpf

mp.dps = 120
random.seed(20260719)


def words(value, n=2):
    out = []
    for _ in range(n):
        out.append(float(value))
        value -= mpf(out[-1])
    return out


def between(low, high, count=16):
    return [words(mpf(random.uniform(low, high)) * (1 + mpf(random.uniform(-1, 1)) * mpf(2) ** -54)) for _ in range(count)]


def near(centre, count=6):
    """Down to 1e-20 from a point."""
    return [words(mpf(centre) + random.choice((-1, 1)) * mpf(10) ** -random.randint(3, 20)) for _ in range(count)]


def polygamma(n, x):
    """By recurrence to positive x, where mpmath sums the Hurwitz zeta function."""
    k, total = 0, mpf(0)
    while x + k < 0:
        total += 1 / (x + k) ** (n + 1)
        k += 1
    return (-1) ** (n + 1) * mp.factorial(n) * (total + mp.zeta(n + 1, x + k))


def erf_inverse(x):
    with mp.workdps(300):
        return mp.erfinv(x)


unary = {
    'sqrt': (mp.sqrt, between(0, 9) + between(0, 1e-300) + between(1e307, 1e308)),
    'cbrt': (lambda x: mp.sign(x) * mp.cbrt(abs(x)), between(-9, 9) + between(1e-250, 1e-249) + between(1e300, 1e301)),
    'exp': (mp.exp, between(-1, 1) + between(-600, 700) + near(0)),
    'expm1': (mp.expm1, between(-1, 1) + between(-40, 40) + near(0)),
    'log': (mp.log, between(0, 3) + between(1e-250, 1e300) + near(1) + between(0, 1e-200)),
    'log1p': (mp.log1p, between(-1, 2) + near(0) + between(0, 1e10)),
    'sin': (mp.sin, between(-8, 8) + between(-1e6, 1e6) + between(-1e300, 1e300) + near(mp.pi)),
    'cos': (mp.cos, between(-8, 8) + between(-1e6, 1e6) + between(-1e22, 1e22) + near(mp.pi / 2)),
    'tan': (mp.tan, between(-1.5, 1.5) + between(-100, 100) + near(0)),
    'asin': (mp.asin, between(-1, 1) + near(0)),
    'acos': (mp.acos, between(-1, 1)),
    'atan': (mp.atan, between(-8, 8) + between(-1e200, 1e200) + near(0)),
    'sinh': (mp.sinh, between(-1, 1) + between(-700, 710.4) + near(0)),
    'cosh': (mp.cosh, between(-1, 1) + between(-700, 710.4)),
    'tanh': (mp.tanh, between(-1, 1) + between(-60, 60) + near(0)),
    'asinh': (mp.asinh, between(-3, 3) + between(-1e200, 1e200) + near(0)),
    'acosh': (mp.acosh, between(1, 3) + between(1, 1e200) + [words(1 + mpf(10) ** -k) for k in range(1, 20, 3)]),
    'atanh': (mp.atanh, between(-1, 1) + near(0)),
    'sigmoid': (lambda x: 1 / (1 + mp.exp(-x)), between(-40, 40) + between(-600, -40)),
    'softplus': (lambda x: mp.log1p(mp.exp(x)), between(-40, 40) + between(-600, 600)),
    'erf': (mp.erf, between(-3, 3) + between(-7, 7) + near(0)),
    'erfc': (mp.erfc, between(-3, 3) + between(0, 26) + between(1, 2)),
    'erfInv': (erf_inverse, between(-1, 1) + near(0) + [words(1 - mpf(10) ** -k) for k in range(1, 30, 3)]),
    'lgamma': (lambda x: mp.log(abs(mp.gamma(x))), between(0, 40) + between(-30, 0) + near(1) + between(0, 1e3)),
    'digamma': (mp.digamma, between(0, 40) + between(-30, 0) + between(0, 1e10)),
    'sinPi': (mp.sinpi, between(-8, 8) + between(-1e6, 1e6)),
}
pairs = {
    'add': (lambda x, y: x + y, [*zip(between(-8, 8), between(-8, 8))]),
    'mul': (lambda x, y: x * y, [*zip(between(-8, 8), between(-8, 8))] + [*zip(between(1e300, 1e308), between(0, 1e-300))]),
    'div': (lambda x, y: x / y, [*zip(between(-8, 8), between(-8, 8))] + [*zip(between(1e300, 1e308), between(1e299, 1e307))]
            + [*zip(between(0, 1e-260), between(0, 1e-280))]),
    'atan2': (mp.atan2, [*zip(between(-8, 8, 40), between(-8, 8, 40))] + [*zip(between(-1e300, 1e300), between(-1e300, 1e300))]),
    'pow': (mp.power, [*zip(between(0, 9, 40), between(-9, 9, 40))]),
    'hypot': (mp.hypot, [*zip(between(-8, 8), between(-8, 8))] + [*zip(between(0, 1e307), between(0, 1e307))]),
    'polygamma': (lambda n, x: polygamma(int(n), x),
                  [([float(n), 0.0], x) for n in (1, 2, 3, 4, 7) for x in between(0, 40, 8) + between(-12, 0, 6)]),
}

# Here, so that the points of the others are the same as before.
unary['sech2'] = (lambda x: mp.sech(x)**2, between(-1, 1) + between(-60, 60) + between(-340, 340))


def table():
    rows = {}
    value = lambda x: mpf(x[0]) + mpf(x[1])
    for name, (f, xs) in unary.items():
        rows[name] = [w for x in xs for w in (*x, *words(f(value(x))))]
    for name, (f, xs) in pairs.items():
        rows[name] = [w for x, y in xs for w in (*x, *y, *words(f(value(x), value(y))))]
    return rows


def constants():
    half = mpf(1) / 2
    for name, value, n in [
        ('PI', +mp.pi, 2), ('HALF_PI_WORDS', mp.pi / 2, 4), ('QUARTER_PI', mp.pi / 4, 2), ('LN2_WORDS', mp.log(2), 3),
        ('TWO_OVER_SQRT_PI', 2 / mp.sqrt(mp.pi), 2), ('HALF_SQRT_PI', mp.sqrt(mp.pi) / 2, 2),
        ('ONE_OVER_SQRT_PI', 1 / mp.sqrt(mp.pi), 2), ('HALF_LOG_TWO_PI', half * mp.log(2 * mp.pi), 2),
        ('LOG_PI', mp.log(mp.pi), 2),
    ]:
        print(name, words(value, n))
    print('BERNOULLI', [words(mp.bernoulli(2 * k)) for k in range(1, 21)])


if __name__ == '__main__':
    if '--constants' in sys.argv:
        constants()
    else:
        pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(table()))
