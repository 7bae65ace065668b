import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from '@cotangent/nn'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../src/cli/program.js'

const folder = mkdtempSync(join(tmpdir(), 'cotangent-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const run = async (...args: readonly string[]) => {
  let [out, err] = ['', '']
  const code = await main(args, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

// y = 3a - 2b + 1 with a little of everything; the kind says whether y is above 1.
const rows = Array.from({ length: 60 }, (_, i) => {
  const [a, b] = [((i * 37) % 61) / 30 - 1, ((i * 17) % 53) / 26 - 1]
  const y = 3 * a - 2 * b + 1
  return [a, b, y.toFixed(4), y > 1 ? 'high' : 'low'] as const
})
const houses = file('houses.csv', `a,b,price\n${rows.map(([a, b, y]) => `${a},${b},${y}`).join('\n')}\n`)
const kinds = file('kinds.csv', `a,b,kind\n${rows.map(([a, b, , k]) => `${a},${b},${k}`).join('\n')}\n`)

describe('train run', () => {
  test('fits, chooses the strength, tests, and saves model, report and result', async () => {
    const out = join(folder, 'out')
    const said = await run(
      'run',
      houses,
      '--epochs',
      '150',
      '--learning-rate',
      '0.05',
      '--folds',
      '3',
      '--lambdas',
      '0,0.01,10',
      '--out',
      out,
    )
    expect(said.err).toBe('')
    expect(said.code).toBe(0)
    expect(said.out).toMatch(/60 examples, 2 features; regression of price/)
    expect(said.out).toMatch(/λ = 0\.?\d* \(rule min\)/)
    expect(readdirSync(out).sort()).toEqual(['model.safetensors', 'report.html', 'result.json'])
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    expect(result.lambda).toBeLessThan(1)
    expect(result.candidates).toHaveLength(3)
    expect(result.test.loss).toBeLessThan(0.5)
    const model = load(new Uint8Array(readFileSync(join(out, 'model.safetensors'))))
    if (model._tag === 'Left') throw new Error(model.left.message)
    const { names, mean } = JSON.parse(model.right.metadata.preprocessing!)
    expect([names.features, mean.length]).toEqual([['a', 'b'], 2])
  }, 60_000)

  test('a target of text is a class; a config gives the settings, and the command line wins', async () => {
    const out = join(folder, 'kinds')
    const config = file(
      'config.json',
      JSON.stringify({ csv: 'kinds.csv', hidden: [4], lambdas: [0.001], epochs: 2, learningRate: 0.05, out }),
    )
    const said = await run('run', config, '--epochs', '40')
    expect([said.err, said.code]).toEqual(['', 0])
    expect(said.out).toMatch(/classification of kind \(high, low\)/)
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    expect([result.config.epochs, result.config.hidden, result.lambda]).toEqual([40, [4], 0.001])
    expect(result.test.metrics.accuracy).toBeGreaterThan(0.8)
    expect(kinds).toContain('kinds.csv')
  }, 60_000)

  test.each([
    ['a file that is not there', ['run', 'no.csv'], /error: fromCsv: there is no file no.csv/],
    ['a config that is not there', ['run', 'no.json'], /error: there is no file no.json/],
    ['a config that is not JSON', ['run', file('bad.json', '{')], /bad.json is not JSON/],
    [
      'a setting that does not exist',
      ['run', file('typo.json', '{"csv":"a.csv","epoch":3}')],
      /no setting "epoch". Did you mean "epochs"\?/,
    ],
    [
      'a setting of the wrong kind',
      ['run', file('kind.json', '{"csv":"a.csv","epochs":"3"}')],
      /epochs is "3". Give a whole number from 1 to 1000000/,
    ],
    ['a config without data', ['run', file('none.json', '{}')], /csv is missing/],
    ['a number that is none', ['run', houses, '--epochs', 'many'], /"many" is not a number/],
    ['a number out of range', ['run', houses, '--test', '2'], /test is 2. Give a number from 0 to 0.9/],
    ['a choice that does not exist', ['run', houses, '--penalty', 'l3'], /Allowed choices are none, l1, l2/],
    ['an option nearly right', ['run', houses, '--epocs', '3'], /Did you mean --epochs\?/],
    ['a column nearly right', ['run', houses, '--target', 'prise'], /Did you mean "price"\?/],
    ['no file', ['run'], /missing required argument 'file'/],
    ['another command', ['fly'], /unknown command 'fly'/],
  ])('says what is wrong: %s', async (_, args, message) => {
    const { code, err } = await run(...args)
    expect(err).toMatch(message)
    expect(code).toBe(1)
    // One line or two, and no stack.
    expect(err).not.toMatch(/\n\s+at /)
  })

  test('the help lists every option, with its default, and examples', async () => {
    const { code, out } = await run('run', '--help')
    expect(code).toBe(0)
    for (const word of [
      '--target',
      '--hidden',
      '--penalty',
      '--lambdas',
      '--folds',
      '--rule',
      '--out',
      'default: 100',
      'Examples:',
    ])
      expect(out).toContain(word)
  })
})
