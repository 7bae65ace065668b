#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { createRequire, Module as NodeModule } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as core from '@cotangent/core'
import { register as registerRequire } from 'tsx/cjs/api'
import { register } from 'tsx/esm/api'
import { runCli } from './run.js'
import { CliError } from './target.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

type Module = Readonly<Record<string, unknown>>

/** What a file exports that was compiled for `require` on the way, where all of it is one default export. */
const unwrapped = (module: Module): Module => {
  const all = module.default
  return typeof all === 'object' && all !== null && '__esModule' in all ? (all as Module) : module
}

/** What `require` finds for a package is what is imported here: two copies of it would not know each other's tensors. */
const shareWithRequire = (name: string, exports: object): void => {
  const path = fileURLToPath(import.meta.resolve(name))
  createRequire(import.meta.url).cache[path] = Object.assign(new NodeModule(path), { loaded: true, exports })
}

/**
 * Loads a module of any kind. The hooks of Node's own loaders compile TypeScript on the way, so that the file's
 * `@cotangent/core` is the one that is used here, and its tensors are tensors here too. Which loader it is depends on the type
 * of the package that the file is in.
 */
const load = async (file: string): Promise<Module> => {
  const path = resolve(file)
  if (!existsSync(path)) throw new CliError(`there is no file ${path}.`)
  shareWithRequire('@cotangent/core', core)
  registerRequire()
  register()
  return unwrapped((await import(pathToFileURL(path).href)) as Module)
}

// Not awaited: a TypeScript file in a package that is not of type module is loaded by `require`, which takes no module from
// the graph of one that is still being evaluated, and this one's is the package of tensors.
void runCli(process.argv.slice(2), {
  version,
  load,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}).then((status) => {
  process.exitCode = status
})
