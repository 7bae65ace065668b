import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCli } from '../../src/cli/run.js'

const run = async (...argv: string[]) => {
  let [out, err] = ['', '']
  const status = await runCli(argv, {
    version: '1.2.3',
    load: () => import('./examples.js') as Promise<Readonly<Record<string, unknown>>>,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
  })
  return { status, out, err }
}

describe('the command line', () => {
  test('a right pair', async () => {
    const { status, out } = await run('e.ts#pair', '--at', '[0.1, -2, 3]', '--seed', '5')
    expect(status).toBe(0)
    expect(out).toMatch(/^✓ pair: gradient is right, seed 5\n {2}holds/)
  })
  test('the default export, where none is named', async () => {
    expect((await run('e.ts', '--at', '[0.1, -2, 3]')).status).toBe(0)
  })
  test('a gradient that is another export, and wrong', async () => {
    const argv = ['e.ts#cubes', '--gradient', 'wrongGradient', '--at', '[1, -2]', '--seed', '5']
    const { status, out } = await run(...argv)
    expect(status).toBe(1)
    expect(out.replace(/true (\d+) \(± [^)]*\)/, 'true $1 (± e)')).toMatchInlineSnapshot(`
      "✗ cubes: gradient is wrong: directional derivative, reverse mode, seed 5
        at               x = [1, -2]
        wrong entry      d/dx[1]   given 8   true 12 (± e)   relative 3.3e-1
        smooth here      yes
        replay           { seed: 5 }
      "
    `)
  })
  test('a function of two tensors, to the second order', async () => {
    const { status, out } = await run('e.ts#loss', '--at', '[[1, 2], [0.5, 0.25]]', '--order', '2')
    expect([status, out]).toEqual([0, expect.stringContaining('the Hessian is symmetric')])
  })
  test('nothing can be said', async () => {
    const { status, out } = await run('e.ts#hidden', '--at', '1')
    expect([status, out]).toEqual([2, expect.stringContaining('nothing can be said')])
  })
  test('json, of a pass and of a failure', async () => {
    const pass = await run('e.ts#pair', '--at', '[1]', '--seed', '3', '--json')
    expect(JSON.parse(pass.out)).toMatchObject({ verdict: 'right', certificate: { seed: 3 } })
    const wrong = await run('e.ts#cubes', '--gradient', 'wrongGradient', '--at', '[1]', '--json')
    expect(wrong.status).toBe(1)
    expect(JSON.parse(wrong.out)).toMatchObject({
      verdict: 'wrong',
      failures: [{ _tag: 'Mismatch', analytic: 2, report: expect.stringContaining('gradient is wrong') }],
    })
  })
  test('help says what there is, and the version is a version', async () => {
    const { status, out } = await run('--help')
    expect(status).toBe(0)
    for (const word of ['--at <json>', '--order <n>', '--seed <n>', '--json', '--gradient', 'Exit status'])
      expect(out).toContain(word)
    expect((await run('--version')).out).toBe('1.2.3\n')
  })
})

describe('what cannot be tried', () => {
  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no arguments', [], /required option '--at <json>'[\s\S]*--help says more/],
    ['no file', ['--at', '1'], /missing required argument 'file#export'/],
    ['no JSON', ['e.ts#pair', '--at', '[1,'], /It is not JSON .* Quote it for the shell/],
    ['an order of 3', ['e.ts#pair', '--at', '[1]', '--order', '3'], /Allowed choices are 1, 2/],
    ['a seed that is no number', ['e.ts#pair', '--at', '[1]', '--seed', 'x'], /Give a number/],
    ['an option that does not exist', ['e.ts#pair', '--at', '[1]', '--ordr', '1'], /Did you mean --order/],
    ['an export that does not exist', ['e.ts#pear', '--at', '[1]'], /no export 'pear'. It has .*pair/],
    ['an export that is no function', ['e.ts#answer', '--at', '[1]'], /'answer' in e.ts is a number/],
    [
      'a plain function',
      ['e.ts#cubes', '--at', '[1]'],
      /'cubes' is a function of plain numbers.*--gradient <export>/,
    ],
    [
      'too few arguments',
      ['e.ts#loss', '--at', '[1]'],
      /has 2 parameters, so --at must be a JSON array with 2/,
    ],
  ]
  test.each(refusals)('%s', async (_, argv, message) => {
    const { status, err } = await run(...argv)
    expect(err).toMatch(message)
    expect(status).toBe(3)
  })
})

// What `npx @cotangent/check` starts; how it is loaded depends on the type of the package that the file is in.
test('the program itself, on TypeScript of both kinds of packages', async () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url))
  const tsx = [`${root}node_modules/tsx/dist/cli.mjs`, '--tsconfig', 'tsconfig.test.json']
  const folder = 'packages/check/test/cli'
  // Not of type module, as most packages are: TypeScript is loaded by `require` there.
  const common = `${root}.cache/commonjs`
  mkdirSync(common, { recursive: true })
  writeFileSync(`${common}/package.json`, '{ "type": "commonjs" }')
  writeFileSync(
    `${common}/loss.ts`,
    "import { exp, mul, sum } from '@cotangent/core'\nexport const loss = (w, x) => sum(exp(mul(w, x)))\n",
  )
  const program = (...rest: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((done) => {
      const argv = [...tsx, 'packages/check/src/cli/main.ts', ...rest]
      const child = execFile(process.execPath, argv, { cwd: root }, (_, out, err) => {
        done({ code: child.exitCode ?? -1, out, err })
      })
    })
  const [wrong, right, nowhere] = await Promise.all([
    program(`${folder}/examples.ts#cubes`, '--gradient', 'wrongGradient', '--at', '[1, -2]'),
    program('.cache/commonjs/loss.ts#loss', '--at', '[[1, 2], [0.5, 0.25]]'),
    program('nowhere.ts#f', '--at', '1'),
  ])
  expect([wrong.code, wrong.out]).toEqual([1, expect.stringMatching(/given (2 {3}true 3|8 {3}true 12)/)])
  expect([right.code, right.err]).toEqual([0, ''])
  expect(nowhere).toMatchObject({ code: 3, err: expect.stringMatching(/there is no file .*nowhere\.ts/) })
})
