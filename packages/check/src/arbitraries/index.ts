export { awayFrom, type DyadicOptions, dyadic } from './dyadic.js'
export { orthogonal, simplex, spd } from './matrices.js'
export { type ProgramOptions, program } from './program.js'
export {
  broadcastable,
  type ShapeOptions,
  shape,
  type TensorOptions,
  type TreeOf,
  tensor,
  tree,
} from './tensor.js'
