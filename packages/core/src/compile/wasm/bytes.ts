/** A growing buffer of bytes, with the number encodings of WebAssembly's binary format. */
export class Bytes {
  #data = new Uint8Array(256)
  #length = 0
  /** The variable that holds a vector constant, where constants are kept in variables. */
  literal: ((bytes: readonly number[]) => number) | undefined

  get length(): number {
    return this.#length
  }

  /** One byte. This is what most code is written with, so it does nothing else. */
  byte(b: number): this {
    if (this.#length === this.#data.length) this.#reserve(1)
    this.#data[this.#length++] = b
    return this
  }

  bytes(bytes: ArrayLike<number>): this {
    this.#reserve(bytes.length)
    for (let i = 0; i < bytes.length; i++) this.#data[this.#length++] = bytes[i]!
    return this
  }

  append(other: Bytes): this {
    this.#reserve(other.length)
    this.#data.set(other.view(), this.#length)
    this.#length += other.length
    return this
  }

  /** Unsigned LEB128. */
  u32(x: number): this {
    let rest = x >>> 0
    if (rest < 0x80) return this.byte(rest)
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.byte(rest)
  }

  /** Signed LEB128. */
  s32(x: number): this {
    let rest = x | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low)
      this.byte(low | 0x80)
    }
  }

  /** Signed LEB128 of 64 bits. */
  s64(x: bigint): this {
    let rest = BigInt.asIntN(64, x)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return this.byte(low)
      this.byte(low | 0x80)
    }
  }

  f32(x: number): this {
    return this.bytes(new Uint8Array(new Float32Array([x]).buffer))
  }

  f64(x: number): this {
    return this.bytes(new Uint8Array(new Float64Array([x]).buffer))
  }

  /** Length and UTF-8 bytes. */
  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).bytes(bytes)
  }

  /** Something preceded by its length in bytes. */
  sized(content: Bytes): this {
    return this.u32(content.length).append(content)
  }

  view(): Uint8Array {
    return this.#data.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#data.length) return
    const bigger = new Uint8Array(Math.max(2 * this.#data.length, this.#length + more))
    bigger.set(this.view())
    this.#data = bigger
  }
}
