import { whileLoop } from '../control/while.js'
import { allocate, isFloat } from '../dtype.js'
import { fail, showShape } from '../errors.js'
import type { Aval, GraphIR } from '../graph/ir.js'
import { solve } from '../ops/linalg/index.js'
import { add, div, equal, greater, less, logicalAnd, mul, neg, sub } from '../primitives/arithmetic.js'
import { avalOf } from '../primitives/define.js'
import { convert, select } from '../primitives/passing.js'
import { concat, permute, reshape, slice, spread, sum } from '../primitives/structural.js'
import { sameShape, sizeOf } from '../shape.js'
import { filled, fromData, type Tensor } from '../tensor.js'
import { build } from '../trace/build.js'
import { flatten, sameDef, type TreeDef, unflatten } from '../tree/tree.js'
import { jvp } from './derivatives.js'
import {
  batchGraphAll,
  evaluate,
  instantiate,
  linearizeGraph,
  pushForward,
  transposeGraph,
} from './evaluate.js'
import { applyOp, type OpSpec } from './op.js'

/** How {@link linearSolve} finds its answer. */
export interface LinearSolveOptions {
  /** `dense` writes the matrix down and factors it; `cg` needs a symmetric positive definite map and no matrix. */
  readonly method?: 'dense' | 'cg'
  /** The map is its own transpose, so that solve serves both directions. Implied by `cg`. */
  readonly symmetric?: boolean
  /** Relative residual at which `cg` stops. */
  readonly tolerance?: number
  /** At most so many steps of `cg`; default 10 times the number of unknowns. */
  readonly maxSteps?: number
}

/** Leaves as one vector, and back. */
const pack = (xs: readonly Tensor[]): Tensor =>
  concat(
    xs.map((x) => reshape(x, [x.size])),
    0,
  )
const unpack = (v: Tensor, like: readonly Aval[]): Tensor[] => {
  let at = 0
  return like.map((a) => {
    const from = at
    at += sizeOf(a.shape)
    return reshape(slice(v, [from], [at]), a.shape)
  })
}

type Apply = (x: readonly Tensor[]) => readonly Tensor[]

const denseMatrix = (apply: Apply, like: readonly Aval[]): Tensor => {
  const n = like.reduce((s, a) => s + sizeOf(a.shape), 0)
  const dtype = like[0]!.dtype
  const { graph, captured } = build('linearSolve', [{ shape: [n], dtype }], (v) => [
    pack(apply(unpack(v!, like))),
  ])
  const identity = allocate(dtype, n * n)
  for (let i = 0; i < n; i++) identity[i * n + i] = 1
  // Row i of the result is the map applied to the i-th unit vector: a column of the matrix.
  const columns = batchGraphAll(
    graph,
    [fromData(identity, [n, n], dtype), ...captured],
    [true, ...captured.map(() => false)],
    n,
  )[0]!
  return transpose2(columns)
}
const transpose2 = (a: Tensor): Tensor => permute(a, [1, 0])
const dotAll = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), [0])

const conjugateGradient = (
  apply: Apply,
  b: Tensor,
  like: readonly Aval[],
  tolerance: number,
  maxSteps: number,
): Tensor => {
  const A = (v: Tensor) => pack(apply(unpack(v, like)))
  const scaled = (c: Tensor, v: Tensor) => mul(spread(c, v.shape), v)
  const stop = mul(dotAll(b, b), filled(tolerance * tolerance, [], b.dtype))
  const zero = filled(0, b.shape, b.dtype)
  const step = ({ x, r, p, rr, k }: State): State => {
    const Ap = A(p)
    const pAp = dotAll(p, Ap)
    const safe = select(equal(pAp, filled(0, [], b.dtype)), filled(1, [], b.dtype), pAp)
    const alpha = div(rr, safe)
    const r2 = sub(r, scaled(alpha, Ap))
    const rr2 = dotAll(r2, r2)
    return {
      x: add(x, scaled(alpha, p)),
      r: r2,
      p: add(r2, scaled(div(rr2, rr), p)),
      rr: rr2,
      k: add(k, filled(1, [], 'int32')),
    }
  }
  return whileLoop(
    ({ rr, k }: State) => logicalAnd(greater(rr, stop), less(k, filled(maxSteps, [], 'int32'))),
    step,
    { x: zero, r: b, p: b, rr: dotAll(b, b), k: filled(0, [], 'int32') },
  ).x
}
interface State {
  readonly x: Tensor
  readonly r: Tensor
  readonly p: Tensor
  readonly rr: Tensor
  readonly k: Tensor
}

/**
 * Solves `matvec(x) = b` for a linear `matvec` on trees, and differentiates the solution, not the solver:
 * dx = A⁻¹(db - dA·x), and the adjoint solves with the transpose.
 *
 * @example
 * linearSolve((x: Tensor) => mul(tensor([2, 4]), x), tensor([2, 2])) // => [1, 0.5]
 */
export const linearSolve = <T>(matvec: (x: T) => T, b: T, options: LinearSolveOptions = {}): T => {
  const flat = flatten(b, 'linearSolve')
  for (const leaf of flat.leaves)
    if (!isFloat(leaf.dtype) || leaf.dtype !== flat.leaves[0]!.dtype)
      fail('DType', 'linearSolve: all leaves of b must be floats of one dtype. Use cast.', {
        op: 'linearSolve',
      })
  const { graph, captured } = build('linearSolve', flat.leaves.map(avalOf), (...xs) => {
    const y = flatten(matvec(unflatten(flat.def, xs) as T), 'linearSolve: the map')
    sameDef('linearSolve: the map', flat.def, y.def)
    y.leaves.forEach((leaf, i) => {
      if (!sameShape(leaf.shape, xs[i]!.shape))
        fail(
          'Shape',
          `linearSolve: the map takes ${showShape(xs[i]!.shape)} to ${showShape(leaf.shape)}. It must keep shapes.`,
          { op: 'linearSolve', shapes: [xs[i]!.shape, leaf.shape] },
        )
    })
    return y.leaves
  })
  return unflatten(flat.def, solveGraph(graph, captured, flat.leaves, options)) as T
}

/** Solves with the linear map `graph(x, ...consts)`. */
const solveGraph = (
  graph: GraphIR,
  consts: readonly Tensor[],
  b: readonly Tensor[],
  options: LinearSolveOptions,
): readonly Tensor[] => {
  const { method = 'dense', tolerance = 1e-10, maxSteps } = options
  const symmetric = options.symmetric ?? method === 'cg'
  const k = consts.length
  const like = b.map(avalOf)
  const n = like.reduce((s, a) => s + sizeOf(a.shape), 0)
  const spec: OpSpec = {
    name: 'linearSolve',
    expand: (...xs) => {
      const apply: Apply = (v) => evaluate(graph, [...v, ...xs.slice(0, k)])
      const rhs = pack(xs.slice(k))
      const x =
        method === 'cg'
          ? conjugateGradient(
              apply,
              rhs,
              like,
              rhs.dtype === 'float32' ? Math.max(tolerance, 1e-6) : tolerance,
              maxSteps ?? 10 * n,
            )
          : solve(denseMatrix(apply, like), rhs)
      return unpack(x, like)
    },
    jvp: (primals, tangents, outs) => {
      // d(A x) = dA x + A dx = db
      const dA = pushForward(
        graph,
        [...outs, ...primals.slice(0, k)],
        [...outs.map(() => null), ...tangents.slice(0, k)],
      ).tangents
      const rhs = tangents.slice(k).map((t, i) => (dA[i] ? sub(t, dA[i]) : t))
      return solveGraph(graph, primals.slice(0, k), rhs, options)
    },
    linear: {
      from: k,
      adjoint: (fixed, cts) => {
        if (symmetric) return solveGraph(graph, fixed, cts, options)
        const transposed = transposeOf(graph, like, fixed)
        return solveGraph(transposed.graph, transposed.consts, cts, options)
      },
    },
  }
  return applyOp(spec, [...consts, ...b])
}

const transposeOf = (
  graph: GraphIR,
  like: readonly Aval[],
  consts: readonly Tensor[],
): { graph: GraphIR; consts: readonly Tensor[] } => {
  const zeros = like.map((a) => filled(0, a.shape, a.dtype))
  const n = like.length
  const built = build('linearSolve', [...like, ...consts.map(avalOf)], (...xs) => {
    const { map } = linearizeGraph(
      graph,
      [...zeros, ...xs.slice(n)],
      [...like.map(() => true), ...consts.map(() => false)],
    )
    const back = transposeGraph(
      map.graph,
      [...like.map(() => null), ...map.residuals],
      xs.slice(0, n).filter((_, i) => map.active[i]),
    )
    return instantiate(back.slice(0, n), like)
  })
  return { graph: built.graph, consts: [...consts, ...built.captured] }
}

/** Options of {@link implicitRoot}. */
export interface ImplicitRootOptions {
  /** How the linearised equation is solved. */
  readonly solve?: LinearSolveOptions
}

/**
 * A function defined by an equation: `solver(x0, ...theta)` returns x with `residual(x, ...theta) = 0`, by whatever
 * means. It is differentiated through the equation, not through the solver:
 * dx = -(∂F/∂x)⁻¹ (∂F/∂θ) dθ. The starting point has no gradient.
 *
 * @example
 * const root = implicitRoot(
 *   (x: Tensor, a: Tensor) => sub(square(x), a),
 *   (_: Tensor, a: Tensor) => sqrt(a) as Tensor,
 * )
 * grad((a: Tensor) => root(tensor(1), a))(tensor(4)) // => 0.25
 */
export const implicitRoot = <X, P extends readonly unknown[]>(
  residual: (x: X, ...theta: P) => unknown,
  solver: (x0: X, ...theta: P) => X,
  { solve: solveOptions = {} }: ImplicitRootOptions = {},
): ((x0: X, ...theta: P) => X) => {
  return (x0, ...theta) => {
    const start = flatten(x0, 'implicitRoot')
    const flats = theta.map((t) => flatten(t, 'implicitRoot'))
    const n = start.leaves.length
    const asTheta = (leaves: readonly Tensor[]): P => {
      let at = 0
      return flats.map((f) => {
        at += f.leaves.length
        return unflatten(f.def, leaves.slice(at - f.leaves.length, at))
      }) as unknown as P
    }
    let def: TreeDef = start.def
    const spec: OpSpec = {
      name: 'implicitRoot',
      expand: (...xs) => {
        const x = flatten(
          solver(unflatten(start.def, xs.slice(0, n)) as X, ...asTheta(xs.slice(n))),
          'implicitRoot: the solution',
        )
        sameDef('implicitRoot: the solution', start.def, x.def)
        def = x.def
        return x.leaves.map((leaf, i) => convert(leaf, start.leaves[i]!.dtype))
      },
      jvp: (primals, tangents, outs) => {
        const x = unflatten(def, outs) as X
        const thetas = primals.slice(n)
        const along = (leaves: readonly Tensor[]) => residual(x, ...asTheta(leaves))
        const [, dF] = jvp((...leaves: Tensor[]) => flatten(along(leaves)).leaves, thetas, tangents.slice(n))
        const rhs = flatten(dF).leaves.map(neg)
        const inX = (v: readonly Tensor[]): readonly Tensor[] => {
          const [, d] = jvp(
            (...leaves: Tensor[]) =>
              flatten(residual(unflatten(def, leaves) as X, ...asTheta(thetas))).leaves,
            [...outs],
            [...v],
          )
          return flatten(d).leaves
        }
        return linearSolve(inX, rhs, solveOptions)
      },
    }
    return unflatten(start.def, applyOp(spec, [...start.leaves, ...flats.flatMap((f) => [...f.leaves])])) as X
  }
}
