import { alignUp, type Buffer, bytesOf } from '../buffer.js'
import { sweepBytes, type Target, worthSharing, worthSweeping } from '../library.js'
import type { Emission, Rows, Step } from '../step.js'
import type { Unit } from '../unit.js'
import { choose, type FunctionBuilder, type I32, i32 } from '../wasm/index.js'

// Steps that go through the same rows are done together, some rows at a time: what one step leaves for the next is still in
// the cache then, and where nobody else needs it, it never has more memory than those rows. So a softmax is one sweep
// through its operand, and what follows a matrix product is done to its rows as they are finished.

const AT_MOST = 512 << 10 // what fits into the second cache

/** A step of a sweep. */
interface Member {
  readonly step: Step
  readonly rows: Rows
}

const touched = ({ step }: Member): ReadonlySet<Buffer> => new Set([...step.reads, ...step.writes])

/** Bytes of a buffer from the first row to behind the last; undefined if a step does not keep to its rows. */
const spanOf = ({ step, rows }: Member, b: Buffer): number | undefined => {
  if (!step.reads.includes(b) && !step.writes.includes(b)) return undefined
  const pitch = rows.pitch(b)
  return pitch === undefined ? undefined : pitch * rows.extent
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b

/** Rows of the sweep: those of the step with fewest, if the others go through a multiple of them. */
const extentOf = (members: readonly Member[]): number | undefined => {
  const least = Math.min(...members.map(({ rows }) => rows.extent))
  return members.every(({ rows }) => rows.extent % least === 0) ? least : undefined
}

/** Is what they have in common, where one of them writes it, confined to the same rows? */
const keepToRows = (earlier: readonly Member[], next: Member): boolean =>
  [...touched(next)].every((b) => {
    const others = earlier.filter((m) => touched(m).has(b))
    if (others.length === 0 || ![...others, next].some(({ step }) => step.writes.includes(b))) return true
    const span = spanOf(next, b)
    return span !== undefined && others.every((m) => spanOf(m, b) === span)
  })

/** Does one of them leave something that the next one reads or adds to? */
const feeds = (earlier: readonly Member[], next: Member): boolean =>
  earlier.some(({ step }) => step.writes.some((b) => touched(next).has(b)))

/** How many rows are done together: few enough for the cache; undefined if that cannot be. */
const rowsAtOnce = (target: Target, members: readonly Member[], extent: number): number | undefined => {
  let unit = 1
  let least = 1
  for (const { rows } of members) {
    const each = rows.extent / extent
    unit = lcm(unit, rows.grain / gcd(rows.grain, each))
    least = Math.max(least, rows.least)
  }
  const spans = new Map<Buffer, number>()
  for (const m of members) for (const b of touched(m)) spans.set(b, spanOf(m, b) ?? 0)
  const bytes = [...spans.values()].reduce((sum, span) => sum + span / extent, 0)
  const wanted = Math.max(least, sweepBytes(target) / Math.max(1, bytes))
  const rows = Math.min(Math.max(1, Math.floor(wanted / unit)) * unit, Math.ceil(extent / unit) * unit)
  return rows * bytes <= AT_MOST ? rows : undefined
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
const unique = <T>(xs: readonly T[]): T[] => [...new Set(xs)]

/** Pairs of a member that may be one piece of memory still when rows are done together. */
const inPlaceOf = (members: readonly Member[], inside: ReadonlySet<Buffer>): Step['inPlace'] =>
  members.flatMap((m, j) =>
    m.step.inPlace.filter(({ write, read }) => {
      if (inside.has(write) || inside.has(read)) return false
      const span = spanOf(m, write)
      return (
        span !== undefined &&
        members.every((other, i) => !touched(other).has(read) || (i <= j && spanOf(other, read) === span)) &&
        // What an earlier step writes there too would lie on what is still to be read.
        members.every((other, i) => i >= j || !touched(other).has(write))
      )
    }),
  )

/** What a step is given whose scratch memory begins `at` behind that of the sweep. */
const part = (e: Emission, at: number): Emission => ({
  ...e,
  base: e.base + at,
  scratch: i32.add(e.scratch, at),
})

let counter = 0

/** One step of several. `inside` holds what only they use. */
const sweepOf = (unit: Unit, members: readonly Member[], inside: ReadonlySet<Buffer>): Step => {
  const extent = extentOf(members)!
  const most = rowsAtOnce(unit.lib.target, members, extent)!
  const steps = members.map(({ step }) => step)
  const work = sum(steps.map((step) => step.work))
  const shared = work >= worthSharing(unit.lib.target)
  const threads = shared ? (unit.lib.target.threads ?? 1) : 1

  // Scratch memory: that of each member, then for each thread the rows of what is inside.
  const at: number[] = []
  let end = 0
  for (const { rows } of members) {
    at.push(end)
    end += alignUp(rows.scratch(threads))
  }
  const places = new Map<Buffer, { readonly offset: number; readonly pitch: number }>()
  let own = 0
  for (const b of inside) {
    const member = members.find((m) => touched(m).has(b))!
    const pitch = spanOf(member, b)! / extent
    places.set(b, { offset: own, pitch })
    // The last vector of a loop may run over the end.
    own += bytesOf({ dtype: b.dtype, size: Math.min(b.size, (most * b.size) / extent) }) + alignUp(1)
  }
  const grain = members.reduce((g, { rows }) => lcm(g, rows.grain / gcd(rows.grain, rows.extent / extent)), 1)

  /** Rows `from` to `to`, as many at once as fit. */
  const run = (e: Emission, from: I32, to: I32, thread: I32): void => {
    const { f } = e
    const memory = f.let(i32.add(e.scratch, i32.add(i32.mul(thread, own), end)))
    const [first, last] = [f.let(from), f.local('i32')]
    f.while(i32.ltS(first, to), () => {
      f.set(last, i32.add(first, most))
      f.set(last, choose(i32.ltS(last, to), last, to))
      const addressOf = (g: FunctionBuilder, b: Buffer): I32 => {
        const place = places.get(b)
        if (!place) return e.addressOf(g, b)
        return i32.sub(i32.add(memory, place.offset), i32.mul(first, place.pitch))
      }
      members.forEach(({ rows }, i) => {
        const each = rows.extent / extent
        rows.emit(
          { ...part(e, at[i]!), addressOf },
          f.let(i32.mul(first, each)),
          f.let(i32.mul(last, each)),
          thread,
        )
      })
      f.set(first, last)
    })
  }

  return {
    kind: 'sweep',
    text: steps.map(({ text }) => text).join(' > '),
    reads: unique(steps.flatMap(({ reads }) => reads)).filter((b) => !inside.has(b)),
    writes: unique(steps.flatMap(({ writes }) => writes)).filter((b) => !inside.has(b)),
    inPlace: inPlaceOf(members, inside),
    scratch: end + own * threads,
    flops: sum(steps.map(({ flops }) => flops)),
    work,
    divisible: true,
    path: steps.find(({ path }) => path !== '')?.path ?? '',
    fails: false,
    rows: undefined,
    emit: (e) => {
      const { f, lib } = e
      for (const [i, { rows }] of members.entries()) rows.prepare?.(part(e, at[i]!))
      if (extent > grain && unit.isShared({ work })) {
        const ref = lib.module.function(
          `sweep${counter++}`,
          { from: 'i32', to: 'i32', thread: 'i32' },
          [],
          (g, { from, to, thread }) => run({ ...e, f: g }, from, to, thread),
        )
        unit.regions!.fork(f, { ref, extent, grain, work })
      } else run(e, i32.const(0), i32.const(extent), i32.const(0))
    },
  }
}

/** Joins neighbours that go through the same rows, where one leaves something for the next. */
export const sweep = (unit: Unit, steps: readonly Step[]): Step[] => {
  const users = new Map<Buffer, number>()
  for (const step of steps)
    for (const b of new Set([...step.reads, ...step.writes])) users.set(b, (users.get(b) ?? 0) + 1)
  const out: Step[] = []
  let members: Member[] = []
  const flush = (): void => {
    const bytes = sum(unique(members.flatMap((m) => [...touched(m)])).map(bytesOf))
    if (members.length < 2 || bytes < worthSweeping(unit.lib.target))
      for (const { step } of members) out.push(step)
    else {
      const all = unique(members.flatMap((m) => [...touched(m)]))
      const inside = all.filter(
        (b) =>
          b.place.kind === 'arena' &&
          members.filter((m) => touched(m).has(b)).length === users.get(b) &&
          members.find((m) => touched(m).has(b))!.step.writes.includes(b),
      )
      out.push(sweepOf(unit, members, new Set(inside)))
    }
    members = []
  }
  for (const step of steps) {
    const { rows } = step
    if (!rows) {
      flush()
      out.push(step)
      continue
    }
    const next: Member = { step, rows }
    const together = [...members, next]
    const extent = extentOf(together)
    const fits =
      members.length > 0 &&
      // What has to be prepared needs all of its operands.
      rows.prepare === undefined &&
      rows.least === 1 &&
      feeds(members, next) &&
      keepToRows(members, next) &&
      extent !== undefined &&
      rowsAtOnce(unit.lib.target, together, extent) !== undefined
    if (!fits) flush()
    members.push(next)
  }
  flush()
  return out
}
