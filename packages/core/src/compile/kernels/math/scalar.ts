import type { Library } from '../../library.js'
import { callValue, type F64, f64x2, type Local, type V128 } from '../../wasm/index.js'
import { doubles, type Lanes } from './lanes.js'

/** Calls a function of one float64 of the module, written with vectors whose first lane is the result. */
export const callScalar = (
  lib: Library,
  name: string,
  x: F64,
  g: (l: Lanes, x: Local<'f64'>) => V128,
): F64 => {
  const made = lib.get(name, (module, id) =>
    module.function(id, { x: 'f64' }, ['f64'], (f, p) =>
      f.result(f64x2.extractLane(g(doubles(f, lib), p.x), 0)),
    ),
  )
  return callValue(made, 'f64', [x])
}
