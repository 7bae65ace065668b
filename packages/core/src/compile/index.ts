// The WebAssembly compiler: graphs to modules. Its parts in the order in which a graph meets them: prepare, lower (with
// fusion), plan, the emission of steps, and the program that runs.

export { explainProgram } from './explain.js'
export { theHeap } from './heap.js'
export { Program } from './program.js'
export { defaultThreads } from './threads/workers.js'
export { hasRelaxedMadd, hasSimd } from './wasm/index.js'
