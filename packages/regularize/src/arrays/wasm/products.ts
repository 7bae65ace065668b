import {
  after,
  choose,
  entry,
  type Function,
  f64,
  type I32,
  i32,
  inBlocks,
  type Local,
  least,
  type Module,
  madd,
  OPEN,
  range,
  total,
  v128,
  walk,
} from './code.js'

/** Entries of columns whose products are summed at a time, and columns that all others meet: both in the nearest cache. */
const CHUNK = 256
const NEAR = 8
/** Rows and columns of the products that are computed at once, largest first. */
const TILE = { height: [2, 1], width: [4, 1] }

// Functions of their own, since engines optimise what is called often.
const tile = (m: Module, height: number, width: number): Function =>
  m.function(
    `products.${height}x${width}`,
    { x: 'i32', n: 'i32', left: 'i32', right: 'i32', out: 'i32', stride: 'i32', length: 'i32' },
    [],
    (f, { x, n, left, right, out, stride, length }) => {
      const column = (list: I32, k: number): Local => f.let(after(x, i32.mul(i32.load(list, 4 * k), n)))
      const rows = range(height).map((k) => column(left, k))
      const others = range(width).map((k) => column(right, k))
      const places = range(height).map((k) => f.let(after(out, i32.mul(stride, k))))
      const cells = range(height).flatMap((r) => range(width).map((c) => ({ r, c })))
      const sums = cells.map(() => f.local('v128'))
      const rests = cells.map(({ r, c }) => f.let(f64.load(places[r]!, 8 * c)))
      const wide = (o: number) => {
        const here = rows.map((row) => f.let(v128.load(row, o)))
        const there = others.map((other) => f.let(v128.load(other, o)))
        cells.forEach(({ r, c }, k) => {
          f.set(sums[k]!, madd(here[r]!, there[c]!, sums[k]!))
        })
      }
      walk(f, length, 1, [...rows, ...others], wide, () =>
        cells.forEach(({ r, c }, k) => {
          f.set(rests[k]!, f64.add(rests[k]!, f64.mul(f64.load(rows[r]!), f64.load(others[c]!))))
        }),
      )
      cells.forEach(({ r, c }, k) => {
        f.store('f64', places[r]!, f64.add(rests[k]!, total(sums[k]!)), 8 * c)
      })
    },
  )

/** All products of some columns with themselves and those before them. */
export const products = (m: Module): Function => {
  const tiles = TILE.height.map((height) => TILE.width.map((width) => tile(m, height, width)))
  return m.function(
    'products',
    { x: 'i32', n: 'i32', columns: 'i32', from: 'i32', count: 'i32', values: 'i32', stride: 'i32' },
    [],
    (f, { x, n, columns, from, count, values, stride }) => {
      const start = f.local('i32')
      f.for(start, 0, n, CHUNK, () => {
        const length = f.let(least(i32.sub(n, start), i32.const(CHUNK)))
        const part = f.let(after(x, start))
        const first = f.local('i32')
        f.for(first, 0, count, NEAR, () => {
          const last = i32.add(first, NEAR)
          const rows = (i: I32, height: number): void => {
            const end = f.let(least(i32.add(i, height), last))
            const columnsOf = (j: I32, width: number): void => {
              const out = after(values, i32.add(i32.mul(i, stride), j))
              const own = tiles[TILE.height.indexOf(height)]![TILE.width.indexOf(width)]!
              f.call(own, [part, n, entry(columns, i), entry(columns, j), out, stride, length])
            }
            inBlocks(f, end, TILE.width, columnsOf, first)
          }
          inBlocks(f, count, TILE.height, rows, choose(i32.gtS(first, from), first, from))
        })
      })
    },
    OPEN,
  )
}
