import {
  cast,
  jit,
  oneHot,
  random,
  reshape,
  stack,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
} from '@cotangent/core'
import { describe, expect, test } from 'vitest'
import { type Augmentation, augment } from '../src/index.js'

interface Law {
  readonly make: Augmentation
  /** The labels come out as they went in. */
  readonly keepsLabels: boolean
  /** The shape of `x` stays. */
  readonly keepsShape?: boolean
  /** Every number of `x` was there before, or is the fill: nothing is interpolated or added. */
  readonly moves?: boolean
  /** With the strength at zero it is the identity, to the last bit. */
  readonly none?: Augmentation
}

const laws: Readonly<Record<string, Law>> = {
  shift: { make: augment.shift({ max: 2 }), keepsLabels: true, moves: true, none: augment.shift({ max: 0 }) },
  'shift, wrapped': {
    make: augment.shift({ max: 2, wrap: true }),
    keepsLabels: true,
    moves: true,
    none: augment.shift({ max: 0, wrap: true }),
  },
  rotate: { make: augment.rotate({ degrees: 30 }), keepsLabels: true, none: augment.rotate({ degrees: 0 }) },
  scale: {
    make: augment.scale({ min: 0.7, max: 1.3 }),
    keepsLabels: true,
    none: augment.scale({ min: 1, max: 1 }),
  },
  flip: { make: augment.flip(), keepsLabels: true, moves: true, none: augment.flip({ p: 0 }) },
  'flip, vertical': {
    make: augment.flip({ axis: 'vertical' }),
    keepsLabels: true,
    moves: true,
    none: augment.flip({ axis: 'vertical', p: 0 }),
  },
  noise: { make: augment.noise({ std: 0.3 }), keepsLabels: true, none: augment.noise({ std: 0 }) },
  missing: {
    make: augment.missing({ rate: 0.3 }),
    keepsLabels: true,
    moves: true,
    none: augment.missing({ rate: 0 }),
  },
  cutout: { make: augment.cutout({ size: 3 }), keepsLabels: true, moves: true },
  mixup: { make: augment.mixup({ alpha: 0.4, classes: 10 }), keepsLabels: false },
  cutmix: { make: augment.cutmix({ alpha: 1, classes: 10 }), keepsLabels: false, moves: true },
  randomCrop: {
    make: augment.randomCrop({ size: [5, 6], padding: 1 }),
    keepsLabels: true,
    moves: true,
    keepsShape: false,
    none: augment.randomCrop({ size: [5, 6] }),
  },
  elastic: {
    make: augment.elastic({ alpha: 2, sigma: 1.5 }),
    keepsLabels: true,
    none: augment.elastic({ alpha: 0, sigma: 1 }),
  },
  compose: {
    make: augment.compose(augment.shift({ max: 1 }), augment.noise({ std: 0.1 })),
    keepsLabels: true,
    none: augment.compose(),
  },
}

// 5 x 6: height and width must not be confused.
const batchOf = (n: number, channels?: number) => {
  const shape = channels === undefined ? [n, 5, 6] : [n, 5, 6, channels]
  const size = shape.reduce((a, b) => a * b, 1)
  return {
    x: tensor(
      Float32Array.from({ length: size }, (_, i) => i + 1),
      { shape },
    ) as Tensor,
    y: tensor(Int32Array.from({ length: n }, (_, i) => i % 10)) as Tensor,
  }
}
const values = (batch: { readonly x: Tensor; readonly y: Tensor }) => [batch.x.toArray(), batch.y.toArray()]
const key = random.key(11)

describe.each(Object.entries(laws))(
  '%s',
  (_, { make, keepsLabels, keepsShape = true, moves = false, none }) => {
    const batch = batchOf(6)

    test('the same key gives the same batch, other keys others', () => {
      expect(values(make(key, batch))).toEqual(values(make(key, batch)))
      const seen = new Set(
        Array.from({ length: 8 }, (__, i) => JSON.stringify(values(make(random.key(i), batch)))),
      )
      expect(seen.size).toBeGreaterThan(4)
    })

    test('leaves the batch it was given alone', () => {
      const before = values(batch)
      make(key, batch)
      expect(values(batch)).toEqual(before)
    })

    test('labels', () => {
      const { y } = make(key, batch)
      if (keepsLabels) expect(y).toBe(batch.y)
      else {
        expect(y.shape).toEqual([6, 10])
        for (const row of [...(sum(y, { axis: 1 }) as Tensor).toTypedArray()]) expect(row).toBeCloseTo(1, 5)
      }
    })

    test('shape and dtype', () => {
      for (const given of [batch, batchOf(6, 2)]) {
        const { x } = make(key, given)
        if (keepsShape) expect(x.shape).toEqual(given.x.shape)
        expect(x.dtype).toBe('float32')
      }
    })

    test('channels move together', () => {
      const { x, y } = batch
      const two = { x: stack([x, x], { axis: 3 }) as Tensor, y }
      const out = make(key, two).x
      const [a, b] = [0, 1].map((c) => out.toTypedArray().filter((__, i) => i % 2 === c))
      // What is drawn for each number is not the same for two numbers.
      if (['noise', 'missing', 'compose'].includes(_)) expect(a).not.toEqual(b)
      else expect(a).toEqual(b)
    })

    test('numbers are moved or replaced, never made up', () => {
      const known = new Set([0, ...batch.x.toTypedArray()])
      const all = [...make(key, batch).x.toTypedArray()].every((v) => known.has(v))
      expect(all).toBe(moves)
    })

    test('at no strength the identity', () => {
      if (none !== undefined) expect(none(key, batch).x.toArray()).toEqual(batch.x.toArray())
    })

    test('compiled it is the same', () => {
      const compiled = jit((k: Tensor, b: typeof batch) => make(k, b))
      // Products and sums may be fused: the last bits differ, and only where numbers are interpolated.
      for (const [i, t] of tree.leaves(compiled(key, batch)).entries()) {
        const expected = tree.leaves(make(key, batch))[i]!
        expect([t.shape, t.dtype]).toEqual([expected.shape, expected.dtype])
        for (const [k, v] of t.toTypedArray().entries()) {
          const e = expected.toTypedArray()[k]!
          if (moves && keepsLabels) expect(v).toBe(e)
          else expect(Math.abs(v - e)).toBeLessThan(1e-4 * (1 + Math.abs(e)))
        }
      }
    })

    test('under vmap it is the same for each batch and key', () => {
      const batches = [batchOf(4), { ...batchOf(4), x: reshape(batchOf(8).x, [2, 4, 5, 6]) as Tensor }]
      const xs = batches[1]!.x
      const ys = stack([batches[0]!.y, batches[0]!.y]) as Tensor
      const keys = random.split(key, 2) as Tensor
      const mapped = vmap((k: Tensor, x: Tensor, y: Tensor) => make(k, { x, y }))(keys, xs, ys)
      const each = [...keys].map((k, i) => make(k as Tensor, { x: [...xs][i] as Tensor, y: batches[0]!.y }))
      expect(mapped.x.toArray()).toEqual(each.map(({ x }) => x.toArray()))
      expect(mapped.y.toArray()).toEqual(each.map(({ y }) => y.toArray()))
    })
  },
)

describe('inverses', () => {
  const batch = batchOf(5)
  test('flip is its own, under the same key', () => {
    const flip = augment.flip()
    expect(values(flip(key, flip(key, batch)))).toEqual(values(batch))
  })
  test('four quarter turns of a square are one', () => {
    const square = {
      x: tensor(
        Float32Array.from({ length: 32 }, (_, i) => i),
        { shape: [2, 4, 4] },
      ) as Tensor,
      y: tensor([0, 1]) as Tensor,
    }
    const turn = augment.rotate({ degrees: [90, 90] })
    let now = square
    for (let i = 0; i < 4; i++) now = turn(key, now)
    const error = now.x.toTypedArray().map((v, i) => Math.abs(v - square.x.toTypedArray()[i]!))
    expect(Math.max(...error)).toBeLessThan(1e-4)
  })
  test('a wrapped shift is undone by one of the same pixels back', () => {
    // [max, max] cannot be asked for; a shift around a row of 3 by 1 twice and once more is the whole way round.
    const row = { x: tensor([[[1, 2, 3]]]) as Tensor, y: tensor([0]) as Tensor }
    const moves = Array.from({ length: 40 }, (_, i) =>
      augment.shift({ max: 1, wrap: true })(random.key(i), row).x.toTypedArray(),
    )
    const orders = new Set(moves.map((m) => [...m].join()))
    expect(orders).toEqual(new Set(['1,2,3', '3,1,2', '2,3,1']))
  })
  test('a shift loses only what leaves the image', () => {
    const ones = {
      x: tensor(new Float32Array(30).fill(1), { shape: [1, 5, 6] }) as Tensor,
      y: tensor([0]) as Tensor,
    }
    for (let i = 0; i < 30; i++) {
      const left = (sum(augment.shift({ max: 1 })(random.key(i), ones).x) as Tensor).item()
      expect([30, 25, 24, 20]).toContain(left)
    }
  })
})

describe('statistics', () => {
  const n = 2000
  const ones = {
    x: tensor(new Float32Array(n * 4).fill(1), { shape: [n, 2, 2] }) as Tensor,
    y: tensor(new Int32Array(n)) as Tensor,
  }
  const mean = (x: Tensor) => (sum(x) as Tensor).item() / x.size

  test('missing drops the share it was told: within 4 standard deviations', () => {
    expect(Math.abs(mean(augment.missing({ rate: 0.3 })(key, ones).x) - 0.7)).toBeLessThan(
      4 * Math.sqrt(0.21 / (4 * n)),
    )
  })
  test('missing marks what it dropped', () => {
    const { x } = augment.missing({ rate: 0.5, indicators: true })(key, {
      ...ones,
      x: reshape(ones.x, [n, 4]) as Tensor,
    })
    expect(x.shape).toEqual([n, 8])
    const rows = x.toTypedArray()
    for (let i = 0; i < n * 8; i += 8)
      for (let k = 0; k < 4; k++) expect(rows[i + k]! + rows[i + 4 + k]!).toBe(1)
  })
  test('mixup: λ has mean ½ and variance 1/(4(2α + 1))', () => {
    const alpha = 0.4
    const x = tensor(
      Float32Array.from({ length: n }, (_, i) => i),
      { shape: [n, 1] },
    ) as Tensor
    const y = cast(
      oneHot(tensor(Int32Array.from({ length: n }, (_, i) => i % 2)) as Tensor, 2),
      'float32',
    ) as Tensor
    const first = [...augment.mixup({ alpha })(key, { x, y }).y.toTypedArray()].filter((_, i) => i % 2 === 0)
    // Of pairs of different classes the label is λ or 1 - λ; of equal classes it is 0 or 1.
    const mixed = first.filter((v) => v > 1e-6 && v < 1 - 1e-6)
    const m = mixed.reduce((a, b) => a + b, 0) / mixed.length
    const v = mixed.reduce((a, b) => a + (b - m) ** 2, 0) / mixed.length
    expect(mixed.length).toBeGreaterThan(n / 3)
    expect(Math.abs(m - 0.5)).toBeLessThan(0.05)
    expect(Math.abs(v - 1 / (4 * (2 * alpha + 1)))).toBeLessThan(0.02)
  })
  test('cutmix: the weight of the other label is the share of pixels that are the other image', () => {
    // Image i is all i; its label is class i.
    const count = 10
    const x = tensor(
      Float32Array.from({ length: count * 30 }, (_, i) => Math.floor(i / 30)),
      { shape: [count, 5, 6] },
    ) as Tensor
    const y = tensor(Int32Array.from({ length: count }, (_, i) => i)) as Tensor
    const out = augment.cutmix({ alpha: 1, classes: count })(key, { x, y })
    const [pixels, labels] = [out.x.toTypedArray(), out.y.toTypedArray()]
    let mixed = 0
    for (let i = 0; i < count; i++)
      for (let c = 0; c < count; c++) {
        const share = pixels.slice(30 * i, 30 * (i + 1)).filter((p) => p === c).length / 30
        expect(labels[i * count + c]).toBeCloseTo(share, 5)
        if (share > 0 && share < 1) mixed++
      }
    expect(mixed).toBeGreaterThan(4)
  })
  test('mixup mixes images and labels with the same λ', () => {
    const x = tensor([[0], [1]]) as Tensor
    const y = tensor([0, 1], { dtype: 'int32' }) as Tensor
    const out = augment.mixup({ alpha: 1, classes: 2 })(random.key(2), { x, y })
    const [pixels, labels] = [out.x.toTypedArray(), out.y.toTypedArray()]
    for (const i of [0, 1]) expect(labels[2 * i + 1]).toBeCloseTo(pixels[i]!, 6)
  })
})

test('randomCrop without padding is a window of the image', () => {
  const batch = batchOf(1)
  const seen = new Set<string>()
  for (let i = 0; i < 40; i++) {
    const [[[a], [b]]] = augment
      .randomCrop({ size: [2, 1] })(random.key(i), batch)
      .x.toArray() as number[][][] as [[[number], [number]]]
    expect(b - a).toBe(6)
    seen.add(String(a))
  }
  expect(seen.size).toBeGreaterThan(10)
})

test.each([
  [
    'rows of numbers',
    () => augment.shift({ max: 1 })(key, { x: tensor([[1]]), y: tensor([0]) }),
    /Give images, .* augment.asImages/,
  ],
  [
    'asImages of another size',
    () => augment.asImages([2, 2], augment.flip())(key, { x: tensor([[1]]), y: tensor([0]) }),
    /rows of 4 numbers/,
  ],
  ['half a pixel', () => augment.shift({ max: 0.5 }), /max is 0.5/],
  ['a probability above 1', () => augment.flip({ p: 2 }), /p is 2. Give a number from 0 to 1/],
  ['a factor of 0', () => augment.scale({ min: 0, max: 1 }), /min is 0/],
  ['angles out of order', () => augment.rotate({ degrees: [5, 1] }), /degrees are \[5, 1\]/],
  ['no square', () => augment.cutout({ size: 0 }), /size is 0/],
  [
    'a piece that does not fit',
    () => augment.randomCrop({ size: [9, 9] })(key, batchOf(1)),
    /does not fit images of \[5, 6\]/,
  ],
  ['class numbers without how many', () => augment.mixup({ alpha: 1 })(key, batchOf(2)), /Pass classes/],
  ['alpha 0', () => augment.mixup({ alpha: 0 }), /alpha is 0/],
  [
    'cutmix of rows',
    () => augment.cutmix({ alpha: 1 })(key, { x: tensor([[1]]), y: tensor([0]) }),
    /Give images/,
  ],
  ['sigma 0', () => augment.elastic({ alpha: 1, sigma: 0 }), /sigma is 0/],
])('refuses %s', (_, make, message) => {
  expect(make).toThrow(message)
})
