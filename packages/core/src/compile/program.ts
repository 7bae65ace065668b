import { CotangentError } from '../errors.js'
import type { GraphIR, Sym } from '../graph/ir.js'
import { printGraph } from '../graph/print.js'
import { sizeOf } from '../shape.js'
import { dataOf, fromData, fromFrozen, type Tensor } from '../tensor.js'
import { type Buffer, bytesOf } from './buffer.js'
import { copyIn, copyNumber, copyOut } from './copy.js'
import { type Heir, heirsOf } from './donate.js'
import { type Block, type Heap, theHeap } from './heap.js'
import { fill, type Kept, keptOf, recognise } from './kept.js'
import { Library, type Target, worthSharing } from './library.js'
import { lower } from './lower/index.js'
import { type Resident, Residents, residentOf } from './resident.js'
import type { HostCall } from './steps/host.js'
import { emitProcedure, type PlannedProcedure, planProcedure } from './steps/procedure.js'
import { type Pool, poolOf } from './threads/pool.js'
import { Regions } from './threads/region.js'
import { arenaAddress, cellAddress, type Fault, Unit } from './unit.js'
import { ModuleBuilder } from './wasm/index.js'

/** Where an argument or a result of a program is while it runs. */
interface Slot {
  readonly sym: Sym
  readonly buffer: Buffer
  /** Of the cell that holds its address, in words. */
  readonly cell: number
  /** From the beginning of the arena, unless it lies elsewhere. */
  readonly offset: number
  /** Says so if it takes part in a donation. */
  heir: HeirSlot | undefined
  /** Remembers an argument that comes again, if it is worth it. */
  readonly kept: Kept | undefined
}

/** The threads that help a program. */
interface Help {
  readonly pool: Pool
  readonly words: Block
  readonly number: number
}

/** A donation while the program runs. */
interface HeirSlot extends Heir {
  readonly bytes: number
  /** Where the argument lies and where the result goes; undefined if it is copied. */
  from: Block | undefined
  to: Block | undefined
  /** The argument was here already. */
  borrowed: Resident | undefined
  /** Memory kept for the next result. */
  spare: Block | undefined
}

/** Memory that is not the collector's. Apart from the program, so that waiting to be released does not keep it alive. */
class Holdings {
  constructor(
    readonly heap: Heap,
    readonly frame: Block,
    readonly heirs: readonly HeirSlot[],
    readonly kept: readonly Kept[],
    readonly help: Help | undefined,
  ) {}

  release(): void {
    const { heap } = this
    for (const { spare } of this.heirs) if (spare) heap.releaseResident(spare)
    for (const { block } of this.kept) if (block) heap.releaseResident(block)
    heap.free(this.frame)
    this.help?.pool.forget(this.help.number, this.help.words)
  }
}

const WORTH_WAKING = 2.5 // times the work that is worth sharing

/** How a program is to be made. */
export interface ProgramOptions {
  /** For each argument: is it given away? */
  readonly donated?: readonly boolean[]
  /** Is told of each step that ends, for measurements. */
  readonly onStep?: (step: number) => void
  readonly heap?: Heap
  /** Keeps what it was made from, to be explained. */
  readonly explained?: boolean
}

/** What a program was made from. */
interface Plan {
  readonly procedure: PlannedProcedure
  readonly unit: Unit
}

/**
 * A graph compiled to one WebAssembly module. It keeps only what it needs to run: nothing of the graph, so that programs
 * that are forgotten leave little behind until the collector comes.
 */
export class Program {
  readonly #main: () => number
  readonly #inputs: readonly Slot[]
  readonly #outputs: readonly Slot[]
  readonly #arena: number
  readonly #faults: readonly Fault[]
  readonly #hostCalls: readonly HostCall[]
  readonly #frame: Block
  readonly #donated: readonly boolean[]
  readonly #heirs: readonly HeirSlot[]
  /** Bytes of the results that stay. */
  readonly #stays: number
  /** Holds nothing and can hold the next results. */
  #spare: Residents | undefined
  readonly plan: Plan | undefined
  readonly holdings: { release(): void }
  readonly heap: Heap
  readonly bytes: number
  readonly #help: Help | undefined
  readonly #onStep: ((step: number) => void) | undefined

  constructor(
    graph: GraphIR,
    target: Target,
    { donated = [], onStep, heap = theHeap(), explained = false }: ProgramOptions = {},
  ) {
    this.heap = heap
    this.#onStep = onStep
    this.#donated = donated
    const module = new ModuleBuilder({ initial: 1, maximum: heap.maximum, shared: heap.shared })
    const lib = new Library(module, target)
    lib.connect()
    const unit = new Unit(lib)
    const procedure = planProcedure(lower(unit, graph))
    this.plan = explained ? { procedure, unit } : undefined
    this.#faults = unit.faults
    this.#hostCalls = unit.hostCalls
    this.#frame = heap.allocate(unit.frameBytes)
    unit.settle(this.#frame.address)

    // Arguments and results that are copied lie behind the temporary values.
    let end = procedure.arena
    const slot = (sym: Sym, buffer: Buffer): Slot => {
      const offset = end
      const bytes = bytesOf(buffer)
      end += bytes
      const { cell } = buffer.place as { cell: number }
      return { sym, buffer, cell: unit.cellAddress(cell) / 4, offset, heir: undefined, kept: keptOf(bytes) }
    }
    this.#inputs = graph.inputs.map((s, i) => slot(s, procedure.inputs[i]!))
    this.#outputs = graph.outputs.map((s, i) =>
      slot({ ...s, shape: Object.freeze([...s.shape]) }, procedure.outputs[i]!),
    )
    this.#arena = end
    this.#heirs = heirsOf(graph, procedure, donated).map((heir) => ({
      ...heir,
      bytes: bytesOf(procedure.inputs[heir.input]!),
      from: undefined,
      to: undefined,
      borrowed: undefined,
      spare: undefined,
    }))
    this.#stays = this.#heirs.reduce((n, heir) => n + heir.bytes, 0)
    for (const heir of this.#heirs) {
      this.#inputs[heir.input]!.heir = heir
      this.#outputs[heir.output]!.heir = heir
    }

    const wanted = target.threads ?? 1
    const pool =
      wanted > 1 && unit.sharedWork > WORTH_WAKING * worthSharing(target) ? poolOf(heap) : undefined
    const threads = pool?.grow(wanted) ?? 1
    const words = pool && threads > 1 ? pool.words() : undefined
    if (pool && words) unit.regions = new Regions(module, pool.control, words.address, threads, pool.sleeps)
    emitProcedure(lib, unit, procedure, 0, {
      name: 'main',
      export: true,
      measured: onStep !== undefined,
    })
    unit.regions?.defineWork()
    const code = module.encode()
    this.bytes = code.length
    const compiled = this.#assemble(graph, code)
    const instance = new WebAssembly.Instance(compiled, {
      env: { memory: heap.memory, host: (id: number) => this.#host(id) },
    })
    if (pool && words) this.#help = { pool, words, number: pool.register(compiled) }
    this.#main = instance.exports.main as () => number
    const kept = this.#inputs.flatMap((slot) => slot.kept ?? [])
    this.holdings = new Holdings(heap, this.#frame, this.#heirs, kept, this.#help)
    unit.writeConstants(heap.memory.buffer)
  }

  /** An engine that refuses the code has found a bug of the compiler: nothing may run then. */
  #assemble(graph: GraphIR, code: Uint8Array<ArrayBuffer>): WebAssembly.Module {
    try {
      return new WebAssembly.Module(code)
    } catch (error) {
      this.heap.free(this.#frame)
      const why = error instanceof Error ? error.message : String(error)
      throw new CotangentError(
        'Compiler',
        `jit: the engine refuses the code of this program (${why}). This is a bug in Cotangent, not in your code: ` +
          `please report it with the graph below. Until it is mended, use jit(f, { backend: 'interpreter' }).\n` +
          printGraph(graph),
        { op: 'jit' },
      )
    }
  }

  /** Runs on values; donated arguments are used up. Numbers stand for scalars. */
  run(args: readonly (Tensor | number)[]): Tensor[] {
    const { heap } = this
    const arena = heap.needArena(this.#arena)
    this.#reserve(args)
    const { views } = heap
    const cells = views.int32
    for (let i = 0; i < this.#inputs.length; i++) {
      const slot = this.#inputs[i]!
      const x = args[i]!
      const block = slot.heir?.from
      const address = block ? block.address : arena + slot.offset
      cells[slot.cell] = address
      if (typeof x === 'number') copyNumber(views, address, slot.sym.dtype, x)
      else {
        const resident = residentOf(x)
        if (resident) {
          if (!block) cells[slot.cell] = resident.address
        } else if (block || !slot.kept?.block) copyIn(views, address, dataOf(x))
        else cells[slot.cell] = fill(slot.kept, x, views)
      }
    }
    for (let i = 0; i < this.#outputs.length; i++) {
      const slot = this.#outputs[i]!
      cells[slot.cell] = slot.heir?.to ? slot.heir.to.address : arena + slot.offset
    }
    cells[arenaAddress(this.#frame.address) >> 2] = arena
    heap.busy = true
    let status: number
    try {
      this.#help?.pool.begin(this.#help.number)
      status = this.#main()
    } catch (error) {
      this.#abandon()
      throw error
    } finally {
      this.#help?.pool.end()
      heap.busy = false
    }
    if (status !== 0) {
      const value = heap.views.int32[this.#frame.address >> 2]!
      this.#abandon()
      throw this.#faults[status - 1]!(value)
    }
    return this.#results(arena, args)
  }

  /** Memory for what stays here: the donated argument's own, and a second piece where it may not be overwritten. */
  #reserve(args: readonly (Tensor | number)[]): void {
    for (const heir of this.#heirs) {
      const x = args[heir.input]!
      const resident = typeof x === 'number' ? undefined : residentOf(x)
      heir.borrowed = resident
      heir.from = resident
        ? resident.owner.at(resident.index)
        : (heir.spare ?? this.heap.allocateResident(heir.bytes, this.#stays))
      if (heir.from === heir.spare) heir.spare = undefined
      heir.to =
        heir.inPlace || !heir.from
          ? heir.from
          : (heir.spare ?? this.heap.allocateResident(heir.bytes, this.#stays))
      if (heir.to === heir.spare) heir.spare = undefined
    }
    for (let i = 0; i < this.#inputs.length; i++) {
      const { kept, heir } = this.#inputs[i]!
      if (kept && !heir) recognise(kept, args[i]!, this.heap)
    }
  }

  /** A run failed: arguments are as they were, and what was reserved is kept for the next. */
  #abandon(): void {
    for (const heir of this.#heirs) {
      if (heir.to && heir.to !== heir.from) this.#keep(heir, heir.to)
      if (heir.from && !heir.borrowed) this.#keep(heir, heir.from)
    }
  }

  #keep(heir: HeirSlot, block: Block): void {
    if (heir.spare) this.heap.releaseResident(block)
    else heir.spare = block
  }

  #results(arena: number, args: readonly (Tensor | number)[]): Tensor[] {
    const { views } = this.heap
    let residents: Residents | undefined
    const results = new Array<Tensor>(this.#outputs.length)
    for (let i = 0; i < results.length; i++) {
      const { sym, offset, buffer, heir } = this.#outputs[i]!
      if (heir?.to) {
        residents ??= this.#spare ?? new Residents(this.heap, this)
        results[i] = residents.add(i, heir.to, sym, buffer.size)
      } else results[i] = fromFrozen(copyOut(views, arena + offset, buffer), sym.shape, sym.dtype)
    }
    this.#spare = undefined
    // The memory of what was given away: the result has it, or it is kept for the next result.
    for (let i = 0; i < this.#inputs.length; i++) {
      if (!this.#donated[i]) continue
      const x = args[i]!
      const { heir } = this.#inputs[i]!
      const resident = typeof x === 'number' ? undefined : residentOf(x)
      const block = resident ? resident.take() : heir?.from
      if (resident?.owner.empty && resident.owner.program === this) this.#spare = resident.owner
      if (!block || block === heir?.to) continue
      if (heir) this.#keep(heir, block)
      else this.heap.releaseResident(block)
    }
    return results
  }

  #host(id: number): void {
    if (id < 0) {
      this.#onStep?.(-1 - id)
      return
    }
    const { node, inputs, outputs }: HostCall = this.#hostCalls[id]!
    const { views } = this.heap
    const at = (cell: number): number => views.int32[cellAddress(this.#frame.address, cell) / 4]! >>> 0
    const operands = node.inputs.map((s, k) => {
      const data = copyOut(views, at(inputs[k]!), { dtype: s.dtype, size: sizeOf(s.shape) })
      return fromData(data, s.shape, s.dtype)
    })
    const results = node.op.kernel(operands, node.params, node.outputs)
    results.forEach((t, k) => {
      copyIn(views, at(outputs[k]!), dataOf(t))
    })
  }

  /** What it says of itself. */
  get facts(): { readonly arena: number; readonly frame: number } {
    return { arena: this.#arena, frame: this.#frame.bytes }
  }

  /** For each donated argument with an heir: the result, and whether it is written in place. */
  get heirs(): readonly Heir[] {
    return this.#heirs
  }

  /** Gives the memory back that the program holds. */
  release(): void {
    this.holdings.release()
  }
}
