"""Reference values of the special functions: writes special.json beside this file.

    pip install mpmath && python special.py && npx biome format --write special.json

Every input is an exact double, every value the double nearest to the true one, from mpmath at 100 digits or more.
JSON has no infinities, so they are written as 1e999, which every reader rounds to one. A row of the file is flat:
inputs and value, inputs and value. With --coefficients it prints instead the polynomials and constants that stand
in packages/core/src/math/special.
"""

import sys

# Python looks beside the script first, where the file make_random.py would stand in for the standard module.
sys.path.pop(0)

import json
import pathlib
import random
import textwrap

from mpmath import inf, isinf, mp, mpf

mp.dps = 100
random.seed(20240229)
uniform = random.uniform


def spread(low, high, count):
    """Positive numbers whose logarithms are uniform."""
    return [float(mp.exp(uniform(float(mp.log(mpf(low))), float(mp.log(mpf(high)))))) for _ in range(count)]


def between(low, high, count):
    return [uniform(low, high) for _ in range(count)]


def either_sign(xs):
    return [random.choice((-1, 1)) * x for x in xs]


def around(centre, reach, count):
    """Doubles that approach the centre from both sides, down to its neighbours."""
    return [x for x in (centre + d for d in either_sign(spread(2e-16 * abs(centre), reach, count))) if x != centre]


def erf_inverse(x):
    """Newton's method on erfc, whose value near x = 1 is exact enough at this precision."""
    with mp.workdps(400):
        return mp.erfinv(x) if abs(x) > 1e-10 else mp.sqrt(mp.pi) / 2 * (x + mp.pi / 12 * x**3)


def gamma_size(x):
    if x == inf:
        return inf
    return mp.log(abs(mp.gamma(x))) if x < 1e3 else mp.loggamma(x)


def polygamma(n, x):
    """Of negative x by the recurrence to positive x, where mpmath sums the Hurwitz zeta function."""
    n, k, total = int(n), 0, mpf(0)
    while x + k < 0:
        total += 1 / (x + k) ** (n + 1)
        k += 1
    return (-1) ** (n + 1) * mp.factorial(n) * (total + mp.zeta(n + 1, x + k))


tiny = [5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-100, 1e-20]
wide = either_sign(tiny + spread(1e-18, 1, 40))

points = {
    'erf': (mp.erf, wide + between(-6.5, 6.5, 120) + between(0.9, 1.1, 30) + [1, -1, 5.9, 6, 7, inf, -inf]),
    'erfc': (mp.erfc, wide + between(-6.5, 6, 90) + between(0, 27.3, 90) + between(26.5, 27.3, 40)
             + [0.46, 27.226, 27.5, 40, inf, -inf]),
    'erfInv': (erf_inverse, wide + between(-1, 1, 120) + [1 - d for d in spread(1.2e-16, 0.1, 60)]
               + [-1 + d for d in spread(1.2e-16, 0.1, 30)] + [0.46, 0.5, 1, -1]),
    'lgamma': (gamma_size,
               wide + spread(1e-5, 1e300, 60) + between(0, 30, 80) + around(1, 0.1, 40) + around(2, 0.1, 40)
               + [x for x in between(-8, 0, 80) + between(-170, -8, 40)] + [1, 2, 0.5, -0.5, 24, inf]),
    'digamma': (mp.digamma, wide + spread(1e-5, 1e300, 60) + between(0, 30, 80)
                + around(1.4616321449683622, 0.1, 60) + [1.4616321449683622]
                + between(-8, 0, 80) + between(-170, -8, 40)),
    'sigmoid': (lambda x: 1 / (1 + mp.exp(-x)), wide + between(-40, 40, 100) + between(-746, -36, 60)
                + [0, 710, inf, -inf]),
    'softplus': (lambda x: x if x == inf else mp.log1p(mp.exp(x)), wide + between(-40, 40, 100) + between(-746, -36, 60)
                 + between(-3, 3, 60) + [0, 710, 1e300, inf, -inf]),
    'logSigmoid': (lambda x: x if x == -inf else -mp.log1p(mp.exp(-x)), wide + between(-40, 40, 100)
                   + between(36, 746, 60) + between(-3, 3, 60) + [0, -710, -1e300, inf, -inf]),
    'tanh': (mp.tanh, wide + between(-20, 20, 80) + between(-1, 1, 120) + [0.55, 25, 800, inf, -inf]),
    'sinh': (mp.sinh, wide + between(-710.47, 710.47, 80) + between(-3, 3, 80) + between(708, 710.47, 30)
             + [1, 711, inf, -inf]),
    'cosh': (mp.cosh, wide + between(-710.47, 710.47, 80) + between(-3, 3, 80) + between(708, 710.47, 30)
             + [1, 711, inf, -inf]),
    'acosh': (mp.acosh, [1 + d for d in spread(2.3e-16, 1, 100)] + between(1, 30, 100) + spread(1, 1.7e308, 60)
              + [1, 1.5, 2**28, inf]),
}

pairs = {
    'hypot': (mp.hypot, [*zip(either_sign(spread(5e-324, 1.2e308, 60)), either_sign(spread(5e-324, 1.2e308, 60)))]
              + [(x, x * uniform(0, 2)) for x in spread(1e-323, 1e308, 100)]
              + [*zip(between(-9, 9, 80), between(-9, 9, 80))] + [(3, 4), (0, 0), (0, 2), (1.5e308, 1.5e308)]),
    'pow': (mp.power, [(x, uniform(-745, 709) / float(mp.log(x))) for x in spread(1e-300, 1e300, 100)]
            + [(x, uniform(-700, 700) / float(mp.log(x))) for x in around(1, 0.5, 100)]
            + [*zip(between(0, 10, 80), between(-10, 10, 80))]
            + [(x, round(uniform(-20, 20))) for x in between(-10, 10, 60)]
            + [(4, 0.5), (2, 0.5), (2, 10), (-2, 3), (1e-320, 0.9), (2, -1074), (2, 1024), (0.5, 2000)]),
    'polygamma': (polygamma, [(n, x) for n in (1, 2, 3) for x in between(0, 40, 30) + spread(1e-40, 1e40, 20)]
                  + [(n, x) for n in (1, 2, 3) for x in between(-12, 0, 30)]
                  + [(round(uniform(4, 60)), x) for x in between(0, 60, 40) + between(-12, 0, 30)]
                  + [(200, 50.5), (200, -3.25), (300, 4000)]),
    'zeta': (mp.zeta, [(s, 1) for s in [1 + d for d in spread(1e-10, 50, 40)]]
             + [*zip([1 + d for d in spread(1e-3, 50, 60)], between(0.01, 40, 60))]
             + [(n, x) for n in range(2, 12) for x in between(0.01, 20, 6)]),
}

# Here, so that the points of the others are the same as before.
points['sech2'] = (lambda x: mp.sech(x)**2, wide + between(-20, 20, 80) + between(-1, 1, 120) + between(-373, -340, 40)
                   + [0, 18, 25, 372.5, 800, inf, -inf])


def written(value):
    """The nearest double in the shortest form that reads back as it."""
    value = float(value)
    if isinf(value):
        return '1e999' if value > 0 else '-1e999'
    return json.dumps(int(value) if value == int(value) and 0 < abs(value) < 1e15 else value)


def table():
    rows = {}
    for name, (f, xs) in points.items():
        rows[name] = [v for x in map(float, xs) for v in (x, f(mpf(x)))]
    for name, (f, xs) in pairs.items():
        rows[name] = [v for x, y in xs for v in (float(x), float(y), f(mpf(x), mpf(y)))]
    return rows


def filled(values, width=110):
    """The numbers as an indented JSON array, as many to a line as fit."""
    return '[\n' + textwrap.fill(', '.join(map(written, values)), width, initial_indent=' ' * 4,
                                 subsequent_indent=' ' * 4, break_on_hyphens=False) + '\n  ]'


def fit(f, low, high, degree):
    """Coefficients, highest power first, of the polynomial through f at the Chebyshev nodes of [low, high]."""
    low, high = mpf(low), mpf(high)
    xs = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
    matrix = mp.matrix([[x**j for j in range(degree + 1)] for x in xs])
    return [float(c) for c in mp.lu_solve(matrix, mp.matrix([f(x) for x in xs]))][::-1]


def two_doubles(value):
    return float(value), float(value - mpf(float(value)))


def coefficients():
    sqrt, root = mp.sqrt, mp.findroot(mp.digamma, 1.4616)
    slope = mp.polygamma(1, root)

    def tail(u):
        x = 3 * (1 + u) / (1 - u)
        return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)

    print('small', fit(lambda z: mp.erf(sqrt(z)) / sqrt(z) - 1, '1e-30', 1, 13))
    print('scaledTailCentre', float(tail(mpf(0))))
    print('scaledTail', fit(lambda u: (tail(u) - tail(mpf(0))) / u, '-0.741', '0.8023', 25))
    print('tanhTerms', fit(lambda z: (mp.tanh(sqrt(z)) / sqrt(z) - 1) / z, '1e-20', '0.3025', 12))
    print('sinhTerms', fit(lambda z: (mp.sinh(sqrt(z)) / sqrt(z) - 1) / z, '1e-20', 1, 7))
    print('acoshTerms', fit(lambda t: (mp.acosh(1 + t) / sqrt(2 * t) - 1) / t, '1e-20', '0.5', 12))
    print('positiveZero', two_doubles(root), 'slopeAtZero', float(slope))
    print('nextToZero', fit(lambda t: (mp.digamma(root + t) / t - slope) / t, '-0.0626', '0.0626', 11))
    print('nextToOne', fit(lambda t: (mp.loggamma(1 + t) / t + mp.euler) / t, '-0.0626', '0.0626', 13))
    print('nextToTwo', fit(lambda t: (mp.loggamma(2 + t) / t - 1 + mp.euler) / t, '-0.0626', '0.0626', 9))
    print('halfLogTwoPi', two_doubles(mp.log(2 * mp.pi) / 2))


if __name__ == '__main__':
    if '--coefficients' in sys.argv:
        coefficients()
    else:
        rows = ',\n'.join(f'  "{name}": {filled(values)}' for name, values in table().items())
        pathlib.Path(__file__).with_suffix('.json').write_text('{\n' + rows + '\n}\n')
