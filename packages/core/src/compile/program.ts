import type { GraphIR, Sym } from '../graph/ir.js'
import { sizeOf } from '../shape.js'
import { dataOf, fromData, type Tensor } from '../tensor.js'
import { type Buffer, bytesOf } from './buffer.js'
import { type Block, type Heap, theHeap } from './heap.js'
import { Library, type Target } from './library.js'
import { lower } from './lower/index.js'
import type { HostCall } from './steps/host.js'
import { emitProcedure, type PlannedProcedure, planProcedure } from './steps/procedure.js'
import { Unit } from './unit.js'
import { ModuleBuilder } from './wasm/index.js'

/** Where an argument or a result of a program is while it runs. */
interface Slot {
  readonly sym: Sym
  readonly buffer: Buffer
  /** Of the cell that holds its address, in words. */
  readonly cell: number
  /** From the beginning of the arena, unless it lies elsewhere. */
  readonly offset: number
}

/** A graph compiled to one WebAssembly module. */
export class Program {
  readonly #main: () => number
  readonly #inputs: readonly Slot[]
  readonly #outputs: readonly Slot[]
  readonly #arena: number
  readonly #unit: Unit
  readonly #frame: Block
  readonly procedure: PlannedProcedure
  readonly bytes: number

  constructor(
    graph: GraphIR,
    target: Target,
    readonly heap: Heap = theHeap(),
  ) {
    const unit = new Unit()
    this.#unit = unit
    const procedure = planProcedure(lower(unit, graph))
    this.procedure = procedure
    this.#frame = heap.allocate(unit.frameBytes)
    unit.settle(this.#frame.address)

    // Arguments and results that are copied lie behind the temporary values.
    let end = procedure.arena
    const slot = (sym: Sym, buffer: Buffer): Slot => {
      const offset = end
      end += bytesOf(buffer)
      const { cell } = buffer.place as { cell: number }
      return { sym, buffer, cell: unit.cellAddress(cell) / 4, offset }
    }
    this.#inputs = graph.inputs.map((s, i) => slot(s, procedure.inputs[i]!))
    this.#outputs = graph.outputs.map((s, i) => slot(s, procedure.outputs[i]!))
    this.#arena = end

    const module = new ModuleBuilder({
      initial: 1,
      maximum: heap.maximum,
      shared: heap.shared,
    })
    const lib = new Library(module, target)
    lib.connect({ host: unit.hostCalls.length > 0 })
    emitProcedure(lib, unit, procedure, 0, { name: 'main', export: true })
    const code = module.encode()
    this.bytes = code.length
    const instance = new WebAssembly.Instance(new WebAssembly.Module(code), {
      env: { memory: heap.memory, arena: heap.arenaAddress, host: (id: number) => this.#host(id) },
    })
    this.#main = instance.exports.main as () => number
    unit.writeConstants(heap.memory.buffer)
  }

  run(args: readonly Tensor[]): Tensor[] {
    const { heap } = this
    const arena = heap.needArena(this.#arena)
    let { views } = heap
    const inputs = this.#inputs
    for (let i = 0; i < inputs.length; i++) {
      const { cell, offset } = inputs[i]!
      const data = dataOf(args[i]!)
      const address = arena + offset
      views.int32[cell] = address
      copyIn(views, address, data)
    }
    const outputs = this.#outputs
    for (let i = 0; i < outputs.length; i++) views.int32[outputs[i]!.cell] = arena + outputs[i]!.offset
    heap.busy = true
    let status: number
    try {
      status = this.#main()
    } finally {
      heap.busy = false
    }
    if (status !== 0) throw this.#unit.faults[status - 1]!(heap.views.int32[this.#unit.faultAddress / 4]!)
    views = heap.views
    const results = new Array<Tensor>(outputs.length)
    for (let i = 0; i < outputs.length; i++) {
      const { sym, offset, buffer } = outputs[i]!
      results[i] = fromData(copyOut(views, arena + offset, buffer), sym.shape, sym.dtype)
    }
    return results
  }

  #host(id: number): void {
    const { node, inputs, outputs }: HostCall = this.#unit.hostCalls[id]!
    const { views } = this.heap
    const at = (cell: number): number => views.int32[this.#unit.cellAddress(cell) / 4]!
    const operands = node.inputs.map((s, k) => {
      const data = copyOut(views, at(inputs[k]!), { dtype: s.dtype, size: sizeOf(s.shape) })
      return fromData(data, s.shape, s.dtype)
    })
    const results = node.op.kernel(operands, node.params, node.outputs)
    results.forEach((t, k) => {
      copyIn(views, at(outputs[k]!), dataOf(t))
    })
  }

  /** Gives the memory back that the program holds. */
  release(): void {
    this.heap.free(this.#frame)
  }
}

type Data = ReturnType<typeof dataOf>

const copyIn = (views: Heap['views'], address: number, data: Data): void => {
  if (data instanceof Float32Array) views.float32.set(data, address >> 2)
  else if (data instanceof Float64Array) views.float64.set(data, address >> 3)
  else if (data instanceof Int32Array) views.int32.set(data, address >> 2)
  else views.bool.set(data, address)
}

const copyOut = (
  views: Heap['views'],
  address: number,
  { dtype, size }: Pick<Buffer, 'dtype' | 'size'>,
): Data => {
  switch (dtype) {
    case 'float32':
      return views.float32.slice(address >> 2, (address >> 2) + size)
    case 'float64':
      return views.float64.slice(address >> 3, (address >> 3) + size)
    case 'int32':
      return views.int32.slice(address >> 2, (address >> 2) + size)
    case 'bool':
      return views.bool.slice(address, address + size)
  }
}
