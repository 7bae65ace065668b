import { describe, expect, test, vi } from 'vitest'
import { Heap } from '../../src/compile/heap.js'
import { theHeap } from '../../src/compile/index.js'
import type { KernelTable } from '../../src/compile/kernels/kernel.js'
import { KERNELS } from '../../src/compile/kernels/table.js'
import { argmax, CotangentError, jit, mul, type Tensor, tensor, trace } from '../../src/index.js'
import { makeExecutable } from '../../src/jit/execute.js'

const refusal = (f: () => unknown): CotangentError => {
  try {
    f()
  } catch (error) {
    if (error instanceof CotangentError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('code that the engine refuses is a bug report with the graph, never a number', () => {
  const table = KERNELS as { -readonly [K in keyof KernelTable]: KernelTable[K] }
  const right = table.argmax!
  // An address where a vector must stand.
  table.argmax = {
    ...right,
    emit: (f, _, __, at) => void f.storeVector(at.outputs[0]!, at.inputs[0]! as never),
  }
  try {
    const f = jit((x: Tensor) => argmax(mul(x, 3)))
    const error = refusal(() => f(tensor([1, 2, 3])))
    expect(error.kind).toBe('Compiler')
    expect(error.message).toMatch(
      /refuses the code of this program \(.*\)\. This is a bug in Cotangent.*report it/,
    )
    expect(error.message).toMatch(/float32\[3\] = mul/)
    expect(error.message).toMatch(/int32\[\] = argmax/)
    table.argmax = right
    expect(f(tensor([1, 2, 3])).item()).toBe(2)
  } finally {
    table.argmax = right
  }
})

test('an engine without vectors interprets, and says so once', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    const { ir } = trace((x: Tensor) => mul(x, 3), tensor([1, 2]))
    const options = { deterministic: false, backend: 'auto', threads: undefined } as const
    const compiled = theHeap().size
    for (let i = 0; i < 3; i++) {
      const { run } = makeExecutable(ir, options, [false], () => false)
      expect(run([tensor([1, 2])])[0]!.toArray()).toEqual([3, 6])
    }
    expect(theHeap().size).toBe(compiled)
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/no WebAssembly with 128-bit vectors.*interpreter/),
    ])
  } finally {
    warn.mockRestore()
  }
})

describe('memory that cannot grow names the sizes', () => {
  test('where the limit is reached', () => {
    const heap = new Heap()
    const { kind, message } = refusal(() => heap.allocate(5e9))
    expect(kind).toBe('Memory')
    expect(message).toContain(
      `5000000000 bytes were asked for, ${heap.size} are in use and ${heap.maximum * 65536} are the limit`,
    )
    expect(heap.allocate(100).bytes).toBe(128)
  })

  test('where the system has no more', () => {
    const heap = new Heap()
    const grow = vi.spyOn(heap.memory, 'grow').mockImplementation(() => {
      throw new RangeError('no memory')
    })
    const { message } = refusal(() => heap.allocate(3e7))
    expect(message).toContain(`30000000 bytes were asked for, ${heap.size} are in use`)
    grow.mockRestore()
    expect(heap.allocate(3e7).bytes).toBeGreaterThanOrEqual(3e7)
  })
})
