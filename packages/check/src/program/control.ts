import type { Tensor } from '@cotangent/core'
import * as ct from '@cotangent/core'
import type { Draw, Params, ProgramOperation } from './operations.js'

type Table = Readonly<Record<string, ProgramOperation>>

/** What bodies of loops and branches do to a value x and a constant c; by number, so that a program stays data. */
const BODIES: readonly ((x: Tensor, c: Tensor) => unknown)[] = [
  (x) => ct.mul(x, 0.5),
  (x, c) => ct.tanh(ct.add(x, c)),
  (x, c) => ct.sin(ct.mul(x, c)),
  (x, c) => ct.add(ct.mul(x, 0.5), ct.square(c)),
  (x, c) => ct.div(x, ct.add(1, ct.square(c))),
]
const body =
  (which: unknown) =>
  (x: Tensor, c: Tensor): Tensor =>
    BODIES[which as number]!(x, c) as Tensor

const sameFloats = ([x, c]: readonly Tensor[]): boolean =>
  x!.dtype === c!.dtype && x!.dtype.startsWith('float') && x!.shape.join() === c!.shape.join()

const twoFloats =
  (params: (draw: Draw) => Params) =>
  (xs: readonly Tensor[], draw: Draw): Params | null =>
    sameFloats(xs) ? params(draw) : null

const which = (draw: Draw): number => draw(BODIES.length)

/** Branches, of which one is taken. */
export const conditional: Table = {
  cond: {
    arity: 2,
    params: twoFloats((draw) => ({ above: draw(5) / 2 - 1, yes: which(draw), no: which(draw) })),
    apply: ([x, c], { above, yes, no }) =>
      ct.cond(
        ct.greater(ct.sum(x!), above as number) as Tensor,
        (v: Tensor) => body(yes)(v, c!),
        (v: Tensor) => body(no)(v, c!),
        x!,
      ),
  },
}

/** Loops: over rows, a number of times, and until a condition. */
export const loops: Table = {
  scan: {
    arity: 2,
    params: ([x, xs], draw) =>
      xs!.rank > 0 &&
      x!.dtype === xs!.dtype &&
      x!.dtype.startsWith('float') &&
      x!.shape.join() === xs!.shape.slice(1).join()
        ? { body: which(draw), reverse: draw(2) === 1 }
        : null,
    apply: ([x, xs], p) =>
      ct.scan(
        (c: Tensor, row: Tensor) => {
          const next = body(p.body)(c, row)
          return [next, next] as const
        },
        x!,
        xs!,
        { reverse: p.reverse as boolean },
      )[1],
  },
  foriLoop: {
    arity: 2,
    params: twoFloats((draw) => ({ n: draw(4), body: which(draw) })),
    apply: ([x, c], p) => ct.foriLoop(p.n as number, (_: Tensor, v: Tensor) => body(p.body)(v, c!), x!),
  },
  whileLoop: {
    arity: 2,
    params: twoFloats((draw) => ({ below: 1 + draw(4) })),
    apply: ([x, c], { below }) =>
      ct.whileLoop(
        (v: Tensor) => ct.less(ct.sum(ct.mul(v, v)), below as number) as Tensor,
        (v: Tensor) => ct.add(ct.mul(v, 1.5), ct.mul(ct.square(c!), 0.25)) as Tensor,
        ct.add(x!, 0.25) as Tensor,
      ),
  },
}
