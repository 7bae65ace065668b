import { callerSite, fail } from '../errors.js'
import type { Aval, GraphIR, Node, Params, Primitive, Scope, Sym } from '../graph/ir.js'
import { dataOf, donatedTo, fromSym, symOf, type Tensor, tracedValueError } from '../tensor.js'

let nextLevel = 1
let nextSym = 1

/**
 * A graph under construction. Scopes nest by level: an operation belongs to the innermost scope among its
 * operands, and operands from further out are captured as extra inputs. They are constants to what happens
 * inside, so perturbation confusion cannot arise, and there is no stack to restore when user code throws.
 */
export class Trace implements Scope {
  readonly level = nextLevel++
  readonly nodes: Node[] = []
  readonly inputs: Sym[] = []
  closed = false
  #captured = new Map<Sym, { inner: Sym; outer: Tensor }>()
  #constants = new Map<Tensor, Sym>()
  #known: Map<Sym, Tensor> | undefined

  constructor(
    readonly kind: string,
    private readonly constantOp: Primitive,
  ) {}

  /** A new input; with a value, symbols that depend on it can be forced. */
  input(aval: Aval, known?: Tensor): Tensor {
    const sym = this.symbol(aval)
    this.inputs.push(sym)
    if (known !== undefined) {
      this.#known ??= new Map()
      this.#known.set(sym, known)
    }
    return fromSym(sym)
  }

  /** Appends a node. */
  append(op: Primitive, inputs: readonly Tensor[], params: Params, outs: readonly Aval[]): Tensor[] {
    const outputs = outs.map((aval) => this.symbol(aval))
    this.nodes.push({
      op,
      params,
      inputs: inputs.map((t) => this.lift(t)),
      outputs,
      path: currentPath,
      ...(withPlaces && { site: callerSite() }),
    })
    return outputs.map(fromSym)
  }

  /** The symbol of this scope for any tensor: captured from outside, or a constant. */
  lift(t: Tensor): Sym {
    const sym = symOf(t)
    if (sym === undefined) {
      const old = this.#constants.get(t)
      if (old !== undefined) return old
      const output = this.symbol(t)
      this.nodes.push({ op: this.constantOp, params: { value: t }, inputs: [], outputs: [output], path: '' })
      this.#constants.set(t, output)
      return output
    }
    if (sym.scope === this) return sym
    const old = this.#captured.get(sym)
    if (old !== undefined) return old.inner
    const inner = this.symbol(sym)
    this.#captured.set(sym, { inner, outer: t })
    return inner
  }

  /** The tensors of outer scopes that the graph uses, in the order of its extra inputs. */
  get captured(): Tensor[] {
    return [...this.#captured.values()].map((c) => c.outer)
  }

  /** Ends tracing. The graph's inputs are those declared, then those captured. */
  close(outputs: readonly Tensor[]): GraphIR {
    const outs = outputs.map((t) => this.lift(t))
    this.closed = true
    const captured = [...this.#captured.values()].map((c) => c.inner)
    return { inputs: [...this.inputs, ...captured], nodes: this.nodes, outputs: outs }
  }

  force(sym: Sym): Tensor {
    if (this.closed) throw leaked(this)
    const known = this.#known
    if (known === undefined) throw tracedValueError(this.kind)
    for (const { inner, outer } of this.#captured.values()) known.set(inner, outer)
    // Only the part of the graph behind the symbol is evaluated, and each value once.
    const needed = new Set<Sym>([sym])
    const todo: Node[] = []
    for (const node of [...this.nodes].reverse()) {
      if (!node.outputs.some((s) => needed.has(s) && !known.has(s))) continue
      todo.push(node)
      for (const s of node.inputs) needed.add(s)
    }
    for (const node of todo.reverse()) {
      const values = node.inputs.map((s) => known.get(s)!)
      const outs = bind(node.op, values, node.params)
      node.outputs.forEach((s, i) => {
        known.set(s, outs[i]!)
      })
    }
    return known.get(sym)!
  }

  private symbol(aval: Aval): Sym {
    return { id: nextSym++, shape: aval.shape, dtype: aval.dtype, scope: this }
  }
}

const leaked = (scope: Scope) => {
  try {
    return fail(
      'LeakedTracer',
      `a symbol of a finished ${scope.kind} is used outside of it. Return the value from the function ` +
        'instead of storing it in a variable.',
    )
  } catch (error) {
    return error
  }
}

let currentPath = ''

/** Runs `f` with `name` added to the path that new nodes carry. */
export const withPath = <R>(name: string, f: () => R): R => {
  const before = currentPath
  currentPath = before === '' ? name : `${before}/${name}`
  try {
    return f()
  } finally {
    currentPath = before
  }
}

let withPlaces = false

/** Runs `f`, and nodes made meanwhile carry the line of code that asked for them: slow, and for reports. */
export const withSites = <R>(f: () => R): R => {
  // The library's own frames come first, and operations inside of operations have many; engines other than V8 keep all.
  const engine = Error as { stackTraceLimit?: number }
  const [before, limit] = [withPlaces, engine.stackTraceLimit]
  withPlaces = true
  if (limit !== undefined) engine.stackTraceLimit = 60
  try {
    return f()
  } finally {
    withPlaces = before
    if (limit !== undefined) engine.stackTraceLimit = limit
  }
}

/** The names of the `tag`s around this point. */
export const pathHere = (): string => currentPath

/** Values of the symbols of a graph that is being read. */
interface Environment {
  readonly values: ReadonlyMap<Sym, Tensor>
  readonly outer: Environment | undefined
}

let environment: Environment | undefined

/**
 * Runs `f` while a graph is being read. A rule that a user wrote may refer, through its closure, to symbols of the
 * function around it; when the rule runs, that function's graph is being read, and here are the values it stands for.
 */
export const withValues = <R>(values: ReadonlyMap<Sym, Tensor>, f: () => R): R =>
  withEnvironment({ values, outer: environment }, f)

/** Keeps the present environment for a rule that runs later. */
export const capturingEnvironment = (): (<R>(f: () => R) => R) => {
  const here = environment
  return (f) => withEnvironment(here, f)
}

const withEnvironment = <R>(next: Environment | undefined, f: () => R): R => {
  const before = environment
  environment = next
  try {
    return f()
  } finally {
    environment = before
  }
}

const resolve = (t: Tensor): Tensor => {
  const sym = symOf(t)
  if (!sym?.scope.closed) return t
  for (let e = environment; e !== undefined; e = e.outer) {
    const value = e.values.get(sym)
    if (value !== undefined) return resolve(value)
  }
  throw leaked(sym.scope)
}

type Accelerator = (
  op: Primitive,
  inputs: readonly Tensor[],
  params: Params,
  outs: readonly Aval[],
) => readonly Tensor[] | undefined

let accelerator: Accelerator | undefined

/** Says who computes large operations on values faster than their kernels; it may decline. */
export const installAccelerator = (by: Accelerator | undefined): void => {
  accelerator = by
}

/** Applies a primitive: computes when every operand has values, otherwise appends a node. */
export const bind = <P extends Params>(
  op: Primitive<P>,
  inputs: readonly Tensor[],
  params: P,
): readonly Tensor[] => {
  let scope: Scope | undefined
  for (const t of inputs) {
    const sym = symOf(t)
    if (sym === undefined) continue
    if (sym.scope.closed) return bind(op, inputs.map(resolve), params)
    if (scope === undefined || sym.scope.level > scope.level) scope = sym.scope
  }
  const outs = op.shape(inputs, params)
  if (scope === undefined) {
    for (const t of inputs) if (donatedTo(t) !== undefined) dataOf(t)
    return accelerator?.(op as unknown as Primitive, inputs, params, outs) ?? op.kernel(inputs, params, outs)
  }
  return (scope as Trace).append(op as unknown as Primitive, inputs, params, outs)
}

/** `bind` for the many primitives with one output. */
export const bind1 = <P extends Params>(op: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor =>
  bind(op, inputs, params)[0]!
