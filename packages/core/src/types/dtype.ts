/** The element types of a tensor. `bool` is stored as one byte, `int32` wraps on overflow. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** The dtypes that carry a derivative. */
export type FloatDType = 'float32' | 'float64'

// A total order, bool < int32 < float32 < float64, written as its join table: indexing it distributes
// over unions, so an operand of unknown dtype gives the union of what can happen.
interface Join {
  bool: { bool: 'bool'; int32: 'int32'; float32: 'float32'; float64: 'float64' }
  int32: { bool: 'int32'; int32: 'int32'; float32: 'float32'; float64: 'float64' }
  float32: { bool: 'float32'; int32: 'float32'; float32: 'float32'; float64: 'float64' }
  float64: { bool: 'float64'; int32: 'float64'; float32: 'float64'; float64: 'float64' }
}

/** The dtype of an operation on two dtypes: the larger in bool < int32 < float32 < float64. */
export type Promote<A extends DType, B extends DType> = Join[A][B]

/** The dtype of the quotients, means and roots of a dtype: floats stay, the rest becomes `float32`. */
export type ToFloat<D extends DType> = D extends FloatDType ? D : 'float32'
