import { type Buffer, bytesOf } from './buffer.js'
import type { Procedure } from './lower/lower.js'
import type { Step } from './step.js'

/** Free stretches of the arena, by address. */
class FreeList {
  readonly #free: { from: number; to: number }[] = []
  /** The highest address ever used. */
  end = 0

  take(bytes: number): number {
    let best = -1
    this.#free.forEach(({ from, to }, i) => {
      if (to - from < bytes) return
      const other = this.#free[best]
      if (!other || to - from < other.to - other.from) best = i
    })
    const hole = this.#free[best]
    if (hole) {
      const at = hole.from
      hole.from += bytes
      if (hole.from === hole.to) this.#free.splice(best, 1)
      return at
    }
    // The last hole grows where it touches the end.
    const last = this.#free[this.#free.length - 1]
    const at = last?.to === this.end ? last.from : this.end
    if (last?.to === this.end) this.#free.pop()
    this.end = at + bytes
    return at
  }

  give(from: number, bytes: number): void {
    const list = this.#free
    let i = list.findIndex((hole) => hole.from > from)
    if (i < 0) i = list.length
    list.splice(i, 0, { from, to: from + bytes })
    for (const k of [i, i - 1]) {
      const [left, right] = [list[k], list[k + 1]]
      if (!left || !right || left.to !== right.from) continue
      left.to = right.to
      list.splice(k + 1, 1)
    }
  }
}

/**
 * Gives the temporary buffers of a procedure places in the arena: each lives from the step that writes it first to the
 * step that uses it last, and takes the place of an operand that ends where the step allows it.
 */
export const planArena = ({ steps }: Procedure): { arena: number; scratch: Map<Step, number> } => {
  const last = new Map<Buffer, number>()
  steps.forEach((step, i) => {
    for (const b of [...step.reads, ...step.writes]) last.set(b, i)
  })
  const list = new FreeList()
  const placed = new Set<Buffer>()
  const put = (b: Buffer, offset: number): void => {
    b.place = { kind: 'arena', offset }
    placed.add(b)
  }
  const scratch = new Map<Step, number>()
  steps.forEach((step, i) => {
    const taken = new Set<Buffer>()
    for (const b of step.writes) {
      if (b.place.kind !== 'arena' || placed.has(b)) continue
      const heir = step.inPlace.find(
        ({ write, read }) =>
          write === b &&
          read.place.kind === 'arena' &&
          last.get(read) === i &&
          !taken.has(read) &&
          placed.has(read) &&
          bytesOf(read) === bytesOf(b),
      )
      if (heir) {
        taken.add(heir.read)
        put(b, (heir.read.place as { offset: number }).offset)
      } else put(b, list.take(bytesOf(b)))
    }
    if (step.scratch > 0) {
      const bytes = Math.ceil(step.scratch / 64) * 64
      const at = list.take(bytes)
      scratch.set(step, at)
      list.give(at, bytes)
    }
    for (const b of new Set([...step.reads, ...step.writes])) {
      if (!placed.has(b) || last.get(b) !== i || taken.has(b)) continue
      list.give((b.place as { offset: number }).offset, bytesOf(b))
    }
  })
  return { arena: list.end, scratch }
}
