/** A map that forgets what was used least recently. */
export class Lru<V> {
  readonly #entries = new Map<string, V>()

  constructor(
    private readonly capacity: number,
    private readonly forget: (value: V) => void,
  ) {}

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    for (const [oldest, old] of this.#entries) {
      if (this.#entries.size <= this.capacity) break
      this.#entries.delete(oldest)
      this.forget(old)
    }
  }

  clear(): void {
    for (const value of this.#entries.values()) this.forget(value)
    this.#entries.clear()
  }
}
