import { type Tensor, tensor, tree } from '@cotangent/core'
import { describe, expect, test } from 'vitest'

const [one, two, three] = [tensor([1]), tensor([2]), tensor([3])]
const before: { head?: { kernel: Tensor }; body: { bias: Tensor }[]; extra?: Tensor } = {
  head: { kernel: one },
  body: [{ bias: two }],
}
type Edit = (draft: tree.Draft<typeof before>) => void

const edits: readonly (readonly [string, Edit])[] = [
  ['nothing', () => {}],
  [
    'a tensor replaced',
    (d) => {
      d.body[0]!.bias = three
    },
  ],
  [
    'a part added',
    (d) => {
      d.extra = three
    },
  ],
  [
    'a part removed',
    (d) => {
      delete d.head
    },
  ],
  [
    'a list that grows',
    (d) => {
      d.body.push({ bias: three })
    },
  ],
  [
    'a list that loses its first',
    (d) => {
      d.body.unshift({ bias: three }, { bias: one })
    },
  ],
  [
    'a part moved',
    (d) => {
      d.body.splice(0, 1, { bias: d.head!.kernel })
    },
  ],
]

describe('tree.surgery', () => {
  test.each(edits)('%s: patches lead there, the inverse leads back', (_, edit) => {
    const { params, patches, inverse } = tree.surgery(before, edit)
    const same = (a: unknown, b: unknown) => {
      expect(tree.paths(a)).toEqual(tree.paths(b))
      tree.leaves(a).forEach((leaf, i) => {
        expect(leaf).toBe(tree.leaves(b)[i])
      })
    }
    same(params, tree.update(before, edit))
    same(tree.applyPatches(before, patches), params)
    same(tree.applyPatches(params, inverse), before)
  })

  test('the original and its tensors stay', () => {
    const { params } = tree.surgery(before, (d) => {
      d.head!.kernel = two
    })
    expect(before.head!.kernel).toBe(one)
    expect(params.body).toBe(before.body)
  })

  test('patches that do not fit and tied parts are refused', () => {
    expect(() => tree.applyPatches({}, [{ op: 'replace', path: ['a', 'b'], value: one }])).toThrow(
      /tree\.applyPatches: .*a tree with the same paths/,
    )
    const tied = { bias: one }
    expect(() => tree.surgery({ x: tied, y: tied }, () => {})).toThrow(
      'tree.surgery: y and x are the same object',
    )
  })
})
