import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { tensor, tree } from '@cotangent/core'
import { afterAll, describe, expect, test } from 'vitest'
import { split, join as unsplit } from '../src/checkpoint/plain.js'
import {
  checkpointEvery,
  earlyStopping,
  fit,
  readCheckpoint,
  readCheckpointTask,
  type TrainState,
} from '../src/index.js'
import { chances, crashing, Killed } from './support/crash.js'
import { everything, small } from './support/small.js'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** All that a state holds, to the last bit. */
const bits = (state: TrainState<never, never, never> | TrainState): string => {
  const { json, tensors } = split(state as never)
  return JSON.stringify([
    json,
    Object.entries(tensors).map(([k, t]) => [k, t.dtype, [...new Uint8Array(t.toTypedArray().buffer)]]),
  ])
}

describe('a run that is killed', () => {
  const withFile = (fs: ReturnType<typeof crashing>['fs']) => ({
    ...small(),
    callbacks: [
      earlyStopping({ patience: 2, restoreBest: true, monitor: (epoch) => Math.abs(epoch.epoch - 2) }),
      checkpointEvery({ file: 'run', steps: 1, epochs: 1, fs }),
    ],
  })

  test('at 200 random moments goes on to the same bits, and reads no half-written file', async () => {
    const whole = crashing(() => 0.5)
    const expected = bits((await fit(withFile(whole.fs)).last()).state)

    const chance = chances(2024)
    let [kills, resumed, finished] = [0, 0, 0]
    while (kills < 200) {
      const disk = crashing(chance)
      // One run, killed again and again until it gets through.
      for (;;) {
        const resume = await readCheckpoint<never, never, never>('run', { fs: disk.fs })
        if (resume !== undefined) resumed++
        if (resume?.stopped !== undefined || resume?.epoch === 4) {
          expect(bits(resume)).toBe(expected)
          finished++
          break
        }
        disk.killAt(Math.floor(chance() * 60))
        const error = await fit({ ...withFile(disk.fs), resume } as ReturnType<typeof small>)
          .last()
          .then(() => undefined)
          .catch((e: unknown) => e)
        if (error !== undefined) {
          expect(error).toBeInstanceOf(Killed)
          kills++
        }
        disk.restart(chance() < 0.5)
      }
    }
    expect(kills).toBeGreaterThanOrEqual(200)
    expect(resumed).toBeGreaterThan(100)
    expect(finished).toBeGreaterThan(10)
  }, 60_000)
})

describe('a process that is killed', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const child = (file: string) =>
    spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('./support/child.ts', import.meta.url)), file],
      {
        cwd: root,
        env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.test.json') },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )

  test('by SIGKILL, again and again, leaves a whole file and ends at the same bits', async () => {
    const file = join(folder, 'killed.safetensors')
    const chance = chances(7)
    let kills = 0
    for (;;) {
      const run = child(file)
      const ended = once(run, 'exit')
      // Each line is a step; the kill comes some steps after the first, at a moment of no one's choosing.
      const lines = createInterface({ input: run.stdout! })
      const wait = kills < 2 ? 1 + Math.floor(chance() * 8) : Number.POSITIVE_INFINITY
      let steps = 0
      for await (const _ of lines) if (++steps >= wait) break
      if (steps >= wait) {
        await new Promise((resolve) => setTimeout(resolve, chance() * 4))
        run.kill('SIGKILL')
      }
      const [code, signal] = await ended
      const state = await readCheckpoint(file)
      if (signal === null) {
        expect(code).toBe(0)
        const whole = await fit({ ...small(), epochs: 8 }).last()
        expect(bits(state!)).toBe(bits(whole.state))
        break
      }
      kills++
    }
    expect(kills).toBe(2)
    expect(readdirSync(folder).filter((name) => name.startsWith('killed.'))).toEqual(['killed.safetensors'])
  }, 240_000)
})

describe('what a killed process left beside a checkpoint', () => {
  const dead = spawnSync(process.execPath, ['--version']).pid
  const lay = (file: string) => {
    const left = [
      `${file}.${dead}.tmp`, // of a process that is no more
      `${file}.${process.ppid}.tmp`, // of one that lives
      `${file}.${process.pid}.tmp`, // our own
      `${file}.${dead}.tmp.bak`,
      `${file}.x${dead}.tmp`,
      `other-${file}.${dead}.tmp`,
    ]
    for (const name of left) writeFileSync(join(folder, name), 'half a file')
    return left
  }
  const there = (names: readonly string[]) => names.filter((name) => readdirSync(folder).includes(name))

  test('goes when the file is read, and what is not known to be left stays', async () => {
    const left = lay('stale.safetensors')
    expect(there(left)).toEqual(left)
    expect(await readCheckpoint(join(folder, 'stale.safetensors'))).toBeUndefined()
    expect(there(left)).toEqual(left.slice(1))
  })

  test('goes when a run that saves there starts', async () => {
    const left = lay('started.safetensors')
    const file = join(folder, 'started.safetensors')
    await fit({ ...small(), epochs: 1, callbacks: [checkpointEvery({ file })] }).last()
    // Our own is the one that the save wrote over and renamed.
    expect(there(left)).toEqual(left.filter((_, i) => i !== 0 && i !== 2))
  })

  test('stays where the folder cannot be listed, and nothing fails', async () => {
    const left = lay('closed.safetensors')
    const fs = { ...(await import('node:fs/promises')), readdir: () => Promise.reject(new Error('EACCES')) }
    expect(await readCheckpoint(join(folder, 'closed.safetensors'), { fs })).toBeUndefined()
    expect(there(left)).toEqual(left)
  })
})

describe('checkpointEvery', () => {
  test('writes what readCheckpoint reads, and leaves nothing beside it', async () => {
    const file = join(folder, 'one.safetensors')
    const stop = earlyStopping({ restoreBest: true })
    const { state } = await fit({ ...everything(), callbacks: [stop, checkpointEvery({ file })] }).last()
    const back = await readCheckpoint(file)
    expect(bits(back!)).toBe(bits(state))
    expect(readdirSync(folder).filter((name) => name.startsWith('one.'))).toEqual(['one.safetensors'])
  })

  test('saves every so many steps and epochs', async () => {
    const count = async (options: { steps?: number; epochs?: number }) => {
      const disk = crashing(() => 0)
      let writes = 0
      const fs = {
        ...disk.fs,
        rename: async (a: string, b: string) => {
          writes++
          return disk.fs.rename(a, b)
        },
      }
      await fit({ ...small(), callbacks: [checkpointEvery({ file: 'f', ...options, fs })] }).last()
      return writes
    }
    // 3 steps in each of 4 epochs; the last epoch is always saved.
    expect(await count({})).toBe(4)
    expect(await count({ epochs: 2 })).toBe(2)
    expect(await count({ steps: 5 })).toBe(3)
  })

  test('saves where an abort found the run', async () => {
    const file = join(folder, 'aborted.safetensors')
    const abort = new AbortController()
    const stopAt = { name: 'stopAt', onStep: ({ step }: { step: number }) => step === 5 && abort.abort() }
    const callbacks = [stopAt as never, checkpointEvery({ file, epochs: 100 })]
    await expect(fit({ ...small(), callbacks, signal: abort.signal }).last()).rejects.toThrow()
    expect((await readCheckpoint(file))!.step).toBe(5)
  })

  test('an error while writing is the error of the run, and the old file stays', async () => {
    const disk = crashing(() => 0)
    const good = disk.fs
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    let writes = 0
    const fs = {
      ...good,
      open: async (path: string, flags: string) => {
        const handle = await good.open(path, flags)
        if (flags === 'w' && ++writes === 3) return { ...handle, writeFile: () => Promise.reject(full) }
        return handle
      },
    }
    const callbacks = [checkpointEvery({ file: 'f', steps: 1, fs })]
    await expect(fit({ ...small(), callbacks }).last()).rejects.toThrow('ENOSPC')
    expect((await readCheckpoint('f', { fs }))!.step).toBe(2)
    expect(disk.names()).toEqual(['f'])
  })

  test.each([
    [{ steps: 0 }, /steps is 0/],
    [{ epochs: 1.5 }, /epochs is 1.5/],
  ])('refuses %j', (options, message) => {
    expect(() => checkpointEvery({ file: 'f', ...options })).toThrow(message)
  })
})

describe('readCheckpoint', () => {
  test('every truncation of a file is refused', async () => {
    const file = join(folder, 'cut.safetensors')
    await fit({ ...small(), epochs: 1, callbacks: [checkpointEvery({ file })] }).last()
    const bytes = readFileSync(file)
    for (let n = 0; n < bytes.length; n += 1 + (n >> 3)) {
      writeFileSync(file, bytes.subarray(0, n))
      await expect(readCheckpoint(file)).rejects.toThrow(/not a whole checkpoint/)
    }
    expect((await readCheckpointTask(file)())._tag).toBe('Left')
  })

  test('a file of parameters is told apart', async () => {
    const { save } = await import('@cotangent/nn')
    const file = join(folder, 'params.safetensors')
    writeFileSync(file, save({ w: tensor([1]) }))
    await expect(readCheckpoint(file)).rejects.toThrow(/has tensors but no state of a run/)
  })
})

test.each([
  [
    'numbers that JSON does not have',
    { a: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1] },
  ],
  ['undefined, null and empty things', { a: undefined, b: null, c: [], d: {} }],
  ['records that look like marks', { $: 'number', is: '3', deep: { $: { $: 1 } } }],
])('plain data survives: %s', (_, value) => {
  const { json, tensors } = split(value as never)
  expect(unsplit(json, tensors)).toEqual(value)
})

test('tensors survive under names that keys cannot confuse', () => {
  const value = {
    a: { b: tensor([1, -0]) },
    'a.b': tensor(2, { dtype: 'int32' }),
    'a~1b': [tensor([3], { dtype: 'float64' })],
  }
  const { json, tensors } = split(value as never)
  expect(Object.keys(tensors)).toEqual(['a.b', 'a~1b', 'a~01b.0'])
  expect(bits(unsplit(json, tensors) as never)).toBe(bits(value as never))
  expect(tree.paths(unsplit(json, tensors))).toEqual(['a/b', 'a.b', 'a~1b/0'])
})

test('a state with something that is not plain is refused with its path', () => {
  expect(() => split({ memories: { mine: new Map() } } as never)).toThrow(/memories.mine is a Map/)
})
