import { showAval } from '../graph/print.js'
import type { Tensor } from '../tensor.js'
import { defKey, type TreeDef } from '../tree/tree.js'

/**
 * Texts that are equal for equal static arguments only. Objects, functions and symbols are what they are, by
 * identity; NaN equals NaN, and 0 differs from -0, since a program can tell them apart.
 */
export class StaticKeys {
  readonly #objects = new WeakMap<object, number>()
  readonly #symbols = new Map<symbol, number>()
  #next = 0

  of(x: unknown): string {
    switch (typeof x) {
      case 'object':
        return x === null ? 'null' : this.#identity(this.#objects, x)
      case 'function':
        return this.#identity(this.#objects, x)
      case 'symbol':
        return this.#identity(this.#symbols, x)
      case 'string':
        return JSON.stringify(x)
      case 'number':
        return Object.is(x, -0) ? 'number -0' : `number ${x}`
      default:
        return `${typeof x} ${String(x)}`
    }
  }

  #identity<K>(table: { get(k: K): number | undefined; set(k: K, v: number): unknown }, x: K): string {
    const known = table.get(x)
    if (known !== undefined) return `@${known}`
    table.set(x, this.#next)
    return `@${this.#next++}`
  }
}

/** What a traced argument looks like from outside: structure, shapes and dtypes. */
export const dynamicKey = (def: TreeDef, leaves: readonly Tensor[]): string =>
  `${defKey(def)} ${leaves.map(showAval).join(' ')}`
