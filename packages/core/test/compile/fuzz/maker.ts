import type { Aval, GraphIR, Node, Params, Scope, Sym } from '../../../src/graph/ir.js'
import { PRIMITIVES } from '../../../src/primitives/registry.js'
import { range, sameShape, sizeOf } from '../../../src/shape.js'
import { filled, type Tensor } from '../../../src/tensor.js'
import type { DType } from '../../../src/types/index.js'
import { type Kind, kinds, randomData, randomIndices, wrongIndices } from './data.js'
import type { Random } from './random.js'

const scope: Scope = {
  level: 0,
  closed: true,
  kind: 'fuzz',
  force: () => {
    throw new Error('not a trace')
  },
}

let ids = 1e9

const newSym = ({ shape, dtype }: Aval): Sym => ({ id: ids++, scope, shape, dtype })

const LARGEST = 6000 // elements of a value: the interpreter is slow

/** A value would be larger than is good for a test. */
export class TooLarge extends Error {}

/** Builds one graph, node by node, from values that it has already. */
export class Maker {
  readonly inputs: Sym[] = []
  readonly args: Tensor[] = []
  readonly nodes: Node[] = []
  /** Values that operations may use. */
  readonly values: Sym[] = []
  /** Operations take a value that is there wherever one will do. */
  sure = false
  /** Elements of its largest values. */
  largest = LARGEST

  constructor(
    readonly random: Random,
    /** What its inputs hold. */
    readonly kind: Kind,
    /** Adds about so many operations. */
    readonly grower: (m: Maker, steps: number) => void,
    /** Inside how many nodes it stands. */
    readonly depth = 0,
    /** How many operations may still be given an index that is out of range. */
    readonly faults: { left: number } = { left: 0 },
  ) {}

  grow(steps: number): void {
    this.grower(this, steps)
  }

  /** For a graph inside a node of this one. */
  nested(): Maker {
    return new Maker(this.random, this.kind, this.grower, this.depth + 1, this.faults)
  }

  /** A node; its outputs are values from now on. */
  add(name: string, inputs: readonly Sym[], params: Params = {}): Sym[] {
    const op = PRIMITIVES.get(name)!
    const outputs = op.shape(inputs, params).map(newSym)
    if (outputs.some((s) => sizeOf(s.shape) > this.largest)) throw new TooLarge()
    this.nodes.push({ op, params, inputs, outputs, path: '' })
    this.values.push(...outputs)
    return outputs
  }

  constant(value: Tensor): Sym {
    const out = newSym(value)
    const op = PRIMITIVES.get('constant')!
    this.nodes.push({ op, params: { value }, inputs: [], outputs: [out], path: '' })
    this.values.push(out)
    return out
  }

  /** A new argument; inside of nodes, where arguments are fixed, a constant. */
  holding(value: Tensor): Sym {
    if (this.depth > 0 || this.random.chance(0.15)) return this.constant(value)
    return this.argument(value)
  }

  argument(value: Tensor): Sym {
    const s = newSym(value)
    this.inputs.push(s)
    this.args.push(value)
    this.values.push(s)
    return s
  }

  /** An input of a nested graph: what it holds is decided outside. */
  parameter(aval: Aval): Sym {
    const s = newSym(aval)
    this.inputs.push(s)
    this.values.push(s)
    return s
  }

  fresh(aval: Aval): Sym {
    const { random } = this
    if (random.chance(0.2)) {
      const uniform = filled(aval.dtype === 'bool' ? random.int(0, 1) : random.int(-2, 2), [], aval.dtype)
      const [out] = this.add('broadcast', [this.constant(uniform)], { shape: aval.shape, dims: [] })
      return out!
    }
    const kind = random.chance(0.2) ? random.weighted(kinds) : this.kind
    return this.holding(randomData(random, aval, kind))
  }

  /** Indices 0 ... n-1 of some shape, given or computed and held inside by `clamp`; one may be wrong where that is wanted. */
  indices(shape: readonly number[], n: number): Sym {
    const { random, faults } = this
    if (faults.left > 0 && sizeOf(shape) > 0 && random.chance(0.5)) {
      faults.left--
      return this.holding(wrongIndices(random, shape, n))
    }
    return this.rightIndices(shape, n)
  }

  rightIndices(shape: readonly number[], n: number): Sym {
    const { random } = this
    const known = this.values.filter((s) => s.dtype === 'int32' && sameShape(s.shape, shape))
    if (known.length > 0 && random.chance(0.3)) {
      const bound = (x: number) =>
        this.add('broadcast', [this.constant(filled(x, [], 'int32'))], { shape, dims: [] })[0]!
      return this.add('clamp', [random.pick(known), bound(0), bound(n - 1)])[0]!
    }
    return this.holding(randomIndices(random, shape, 0, n - 1))
  }

  /** A value that fulfils a condition; those made last are likelier. */
  find(test: (s: Sym) => boolean): Sym | undefined {
    const found = this.values.filter(test)
    if (found.length === 0) return undefined
    const from = this.random.chance(0.5) ? Math.max(0, found.length - 4) : 0
    return found[this.random.int(from, found.length - 1)]
  }

  /** A value of one of these dtypes, or a new one. */
  some(dtypes: readonly DType[], test: (s: Sym) => boolean = () => true): Sym {
    const known =
      this.sure || this.random.chance(0.93)
        ? this.find((s) => dtypes.includes(s.dtype) && test(s))
        : undefined
    if (known) return known
    for (let k = 0; k < 50; k++) {
      const s = this.fresh({ shape: this.shape(), dtype: this.random.pick(dtypes) })
      if (test(s)) return s
    }
    return this.fresh({ shape: [2, 3], dtype: this.random.pick(dtypes) })
  }

  /** A value of this shape and dtype: one that is there, a part or a repetition of one, or a new one. */
  like(aval: Aval): Sym {
    const { random } = this
    const { shape, dtype } = aval
    const same = (s: Sym) => s.dtype === dtype && sameShape(s.shape, shape)
    if (random.chance(0.6)) {
      const known = this.find(same)
      if (known) return known
    }
    if (random.chance(0.3)) {
      const other = this.find((s) => s.dtype !== dtype && sameShape(s.shape, shape))
      if (other) return this.add('convert', [other], { dtype })[0]!
    }
    if (shape.length > 0 && random.chance(0.5)) {
      const dims = random.subset(range(shape.length))
      const part = { shape: dims.map((d) => shape[d]!), dtype }
      if (dims.length < shape.length) {
        const small =
          this.find((s) => s.dtype === dtype && sameShape(s.shape, part.shape)) ?? this.fresh(part)
        return this.add('broadcast', [small], { shape, dims })[0]!
      }
    }
    return this.fresh(aval)
  }

  /** The length of an axis: often the length of another, so that shapes meet. */
  axis(): number {
    const { random } = this
    const known = this.values.flatMap((s) => s.shape)
    if (known.length > 0 && random.chance(0.6)) return random.pick(known)
    return random.weighted<() => number>([
      [6, () => random.int(2, 7)],
      [3, () => 1],
      [1, () => 0],
      [3, () => random.pick([8, 9, 15, 16, 17, 31, 33])],
      [0.7, () => random.pick([64, 65, 130, 257])],
    ])()
  }

  shape(
    rank = this.random.weighted([
      [1, 0],
      [4, 1],
      [5, 2],
      [3, 3],
      [1, 4],
    ]),
  ): number[] {
    for (;;) {
      const shape = range(rank).map(() => this.axis())
      if (sizeOf(shape) <= this.largest / 4) return shape
      rank = Math.max(1, rank - 1)
    }
  }

  dtype(): DType {
    return this.random.weighted<DType>([
      [5, 'float32'],
      [4, 'float64'],
      [2, 'int32'],
      [1, 'bool'],
    ])
  }

  graph(outputs: readonly Sym[]): GraphIR {
    return { inputs: this.inputs, nodes: this.nodes, outputs }
  }
}
