// All that is required of the solvers and selections once more, with the loops in WebAssembly, which small problems would
// not take by themselves.

import { expect, test, vi } from 'vitest'
import { SCALAR } from '../../src/arrays/scalar.js'
import { Workspace } from '../../src/arrays/workspace.js'
import '../selection/references.test.js'
import './implicit.test.js'
import './properties.test.js'
import './references.test.js'

vi.mock('../../src/arrays/workspace.js', async (original) => {
  const actual = await original<typeof import('../../src/arrays/workspace.js')>()
  class Large extends actual.Workspace {
    constructor() {
      super(1 << 20)
    }
  }
  return { ...actual, Workspace: Large }
})

test('the loops are those in WebAssembly', () => {
  expect(new Workspace(1).kernels).not.toBe(SCALAR)
})
