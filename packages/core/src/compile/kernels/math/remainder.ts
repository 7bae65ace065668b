import type { Library } from '../../library.js'
import { callValue, f64, f64x2, i32, i32x4, type V128, v128 } from '../../wasm/index.js'
import { twoProduct } from './doubleDouble.js'
import { doubles, type Lanes } from './lanes.js'
import { byHalves, callOf, integersByHalves, type LaneFunction } from './table.js'

/** The remainder of x by y with the sign of x, exact: |y| is doubled up to |x|, and taken off on the way down. */
const slowRemainder = (lib: Library) =>
  lib.get('remainder', (module, name) =>
    module.function(name, { x: 'f64', y: 'f64' }, ['f64'], (f, { x, y }) => {
      const rest = f.let(f64.abs(x))
      const least = f.let(f64.abs(y))
      const defined = i32.and(f64.lt(rest, Number.POSITIVE_INFINITY), f64.gt(least, 0))
      f.if(i32.eqz(defined), () => f.return(f64.const(Number.NaN)))
      f.if(f64.eq(least, Number.POSITIVE_INFINITY), () => f.return(x))
      const part = f.let(least)
      f.while(f64.le(part, f64.mul(rest, 0.5)), () => f.set(part, f64.add(part, part)))
      f.while(f64.ge(part, least), () => {
        f.if(f64.ge(rest, part), () => f.set(rest, f64.sub(rest, part)))
        f.set(part, f64.mul(part, 0.5))
      })
      f.result(f64.copysign(rest, x))
    }),
  )

/** r, or r + y where their signs differ: from a remainder of either sign to that of the sign of y; a zero keeps its own. */
const toSignOf = (l: Lanes, r: V128, y: V128): V128 => {
  const zero = l.const(0)
  const differ = v128.and(l.ne(r, zero), v128.xor(l.lt(r, zero), l.lt(y, zero)))
  return l.add(r, l.select(differ, y, l.const(-0)))
}

/** x - q y for q = trunc(x / y) where q is small enough that this is exact; other lanes by the slow way. */
const floorModulo = (l: Lanes, x: V128, y: V128, isSingle: boolean): V128 => {
  const q = l.let(l.trunc(l.div(x, y)))
  const r = l.f.local('v128')
  const size = l.let(l.abs(x))
  const usual = l.f.local('v128')
  if (isSingle) {
    l.f.set(r, l.sub(x, l.mul(q, y)))
    l.f.set(usual, v128.and(l.lt(l.abs(q), l.const(2 ** 29)), l.lt(l.abs(y), l.const(2 ** 200))))
  } else {
    const product = twoProduct(l, q, y)
    l.f.set(r, l.sub(l.sub(x, product.high), product.low))
    const inRange = v128.and(l.lt(l.abs(y), l.const(2 ** 990)), l.lt(size, l.const(2 ** 990)))
    const notTiny = v128.or(l.gt(size, l.const(2 ** -900)), l.eq(x, l.const(0)))
    l.f.set(usual, v128.and(l.lt(l.abs(q), l.const(2 ** 52)), v128.and(inRange, notTiny)))
  }
  l.f.set(r, l.select(l.eq(r, l.const(0)), v128.and(x, l.signBit), r))
  l.f.if(v128.anyTrue(v128.not(usual)), () => {
    const [a, b] = [0, 1].map((lane) =>
      callValue(slowRemainder(l.lib), 'f64', [f64x2.extractLane(x, lane), f64x2.extractLane(y, lane)]),
    )
    l.f.set(r, f64x2.replaceLane(f64x2.splat(a!), 1, b!))
  })
  return toSignOf(l, r, y)
}

/** x - y floor(x / y), exact but for the last addition; for integers too, where y = 0 gives 0. */
export const mod: LaneFunction = {
  f32x4: (_, lib, ...x) =>
    callOf(
      lib,
      'mod32',
      (f, ...y) => byHalves(f, y, (a, b) => floorModulo(doubles(f, lib), a!, b!, true)),
      x,
    ),
  f64x2: (_, lib, ...x) => callOf(lib, 'mod64', (f, a, b) => floorModulo(doubles(f, lib), a!, b!, false), x),
  i32x4: (f, lib, ...x) => {
    const l = doubles(f, lib)
    return integersByHalves(f, x, (p, q) =>
      i32x4.truncSatF64x2SZero(l.sub(p!, l.mul(f64x2.floor(l.div(p!, q!)), q!))),
    )
  },
}
