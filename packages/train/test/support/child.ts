import { checkpointEvery, fit, readCheckpoint } from '@cotangent/train'
import { small } from './small.js'

// A process that trains, or goes on training, and says each step; it is there to be killed.
const [file] = process.argv.slice(2) as [string]
const said = {
  name: 'said',
  onStep: ({ step }: { readonly step: number }) => void process.stdout.write(`${step}\n`),
}
const callbacks = [checkpointEvery({ file, steps: 1 }), said]
const resume = await readCheckpoint<never, never, never>(file)
for await (const _ of fit({ ...small(), epochs: 8, callbacks, resume } as ReturnType<typeof small>));
