import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { writeExamples } from './docs/tools/generate.js'

const root = fileURLToPath(new URL('.', import.meta.url))

// Vitest looks for test files once this is loaded, so the examples of the documentation are written here.
writeExamples(root)

export default defineConfig({
  resolve: {
    // Tests run against the sources; nothing has to be built first.
    alias: [
      { find: /^@cotangent\/([^/]+)$/, replacement: `${root}packages/$1/src/index.ts` },
      { find: /^@cotangent\/([^/]+)\/(internal|vitest)$/, replacement: `${root}packages/$1/src/$2.ts` },
    ],
  },
  test: {
    root,
    // Nothing is timed; a busy machine is not a failure.
    testTimeout: 60_000,
    // Test files share one copy of the modules: no file changes global state, and loading them anew cost most of a run.
    isolate: false,
    include: [
      'packages/*/test/**/*.test.ts',
      'docs/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      '.cache/examples/*.test.ts',
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { 'packages/core/src/**/*.ts': { lines: 95 } },
    },
  },
})
