/** Numbers that arrive one by one: an array that doubles, so that a long file costs its numbers and little more. */
export class Growing {
  #data = new Float64Array(1024)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#data)
      this.#data = larger
    }
    this.#data[this.#length++] = value
  }

  get length(): number {
    return this.#length
  }

  values(): Float64Array {
    return this.#data.subarray(0, this.#length)
  }
}

/** Texts as numbers, in the order in which they were first seen. */
export class Codes {
  readonly #codes = new Map<string, number>()

  of(text: string): number {
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    const code = this.#codes.size
    this.#codes.set(text, code)
    return code
  }

  get texts(): readonly string[] {
    return [...this.#codes.keys()]
  }
}

const numeric = (texts: readonly string[]): boolean =>
  texts.every((t) => t !== '' && !Number.isNaN(Number(t)))

/** Sorted as numbers where all of them are, else as text. */
export const sorted = (texts: readonly string[]): readonly string[] =>
  numeric(texts) ? [...texts].sort((a, b) => Number(a) - Number(b)) : [...texts].sort()
