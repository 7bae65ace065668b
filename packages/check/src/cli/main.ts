#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { register } from 'tsx/esm/api'
import { runCli } from './run.js'
import { CliError } from './target.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/**
 * Loads a module of any kind. The hooks of Node's own loader compile TypeScript on the way, so that the file's
 * `@cotangent/core` is the one that is used here, and its tensors are tensors here too.
 */
const load = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const path = resolve(file)
  if (!existsSync(path)) throw new CliError(`there is no file ${path}.`)
  register()
  return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
}

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  load,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
