import { type FunctionRef, f32x4, f64x2, type ModuleBuilder, type V128 } from './wasm/index.js'

/** For which engine and under which promises code is made. */
export interface Target {
  /** The engine has relaxed vector instructions, and results may be rounded once where the definition rounds twice. */
  readonly relaxed: boolean
  /** How many threads may work on a program; 1 if it does not say. */
  readonly threads?: number
  /** Nanoseconds of work from which a step is shared between threads; lower than usual only in tests. */
  readonly worthSharing?: number
  /** Bytes from which steps go through their rows together; lower than usual only in tests. */
  readonly worthSweeping?: number
  /** Bytes that the rows done together touch; fewer than usual only in tests. */
  readonly sweepBytes?: number
}

/** Several times what it costs to hand work out. */
export const worthSharing = ({ worthSharing = 40_000 }: Target): number => worthSharing

/** What the first cache holds anyway needs no care. */
export const worthSweeping = ({ worthSweeping = 32 << 10 }: Target): number => worthSweeping

/** A part of the second cache. */
export const sweepBytes = ({ sweepBytes = 128 << 10 }: Target): number => sweepBytes

/** The functions of one module that kernels share: each is made when it is first asked for. */
export class Library {
  readonly #functions = new Map<string, FunctionRef>()
  #host: FunctionRef | undefined

  constructor(
    readonly module: ModuleBuilder,
    readonly target: Target,
  ) {}

  /** The function of this name; `make` adds it to the module the first time. */
  get(name: string, make: (module: ModuleBuilder, name: string) => FunctionRef): FunctionRef {
    const known = this.#functions.get(name)
    if (known) return known
    const made = make(this.module, name)
    this.#functions.set(name, made)
    return made
  }

  /** Imports what programs need of the host. */
  connect(): void {
    this.#host = this.module.importFunction('host', ['i32'], [])
  }

  /** Asks the host to compute a node: `host(id)`. */
  get host(): FunctionRef {
    return this.#host!
  }

  /** a·b + c in four float32 lanes, fused where the target allows it. */
  madd32(a: V128, b: V128, c: V128): V128 {
    return this.target.relaxed ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
  }

  /** a·b + c in two float64 lanes, fused where the target allows it. */
  madd64(a: V128, b: V128, c: V128): V128 {
    return this.target.relaxed ? f64x2.relaxedMadd(a, b, c) : f64x2.add(f64x2.mul(a, b), c)
  }
}
