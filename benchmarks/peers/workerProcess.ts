import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Row } from './task.js'

/** What a worker says in one line. */
interface Answer {
  readonly check?: readonly number[]
  readonly times?: readonly number[]
  readonly absent?: boolean
  readonly failed?: string
}

/** A process that measures one row of one peer when told to. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #answers: Answer[] = []
  #waiting: ((answer: Answer) => void) | undefined
  #errors = ''

  constructor(command: readonly string[], row: Row, threads: number, environment: NodeJS.ProcessEnv) {
    const [program, ...args] = command
    this.#child = spawn(program!, [...args, JSON.stringify(row), String(threads)], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin!.on('error', () => {}) // it ended already; the answer says why
    this.#child.stderr!.on('data', (text: Buffer) => {
      this.#errors = `${this.#errors}${text}`.slice(-2000)
    })
    this.#lines = createInterface({ input: this.#child.stdout! })
    this.#lines.on('line', (line) => {
      if (line.startsWith('{')) this.#take(JSON.parse(line) as Answer)
    })
    this.#child.on('error', (error) => this.#take({ failed: error.message }))
    this.#child.on('close', () => {
      const last = this.#errors.trim().split('\n').at(-1) ?? ''
      this.#take({ failed: last === '' ? 'ended without a result' : last })
    })
  }

  #take(answer: Answer): void {
    if (this.#waiting) this.#waiting(answer)
    else this.#answers.push(answer)
    this.#waiting = undefined
  }

  /** The next answer; a worker that takes longer than the limit is ended. */
  answer(seconds: number): Promise<Answer> {
    const ready = this.#answers.shift()
    if (ready) return Promise.resolve(ready)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#take({ failed: `took longer than ${seconds} s` })
        this.#child.kill('SIGKILL')
      }, seconds * 1000)
      this.#waiting = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
    })
  }

  /** Times of single calls, measured for this long. */
  async measure(seconds: number, limit: number): Promise<Answer> {
    this.#child.stdin!.write(`${seconds}\n`)
    return this.answer(limit)
  }

  /** Ends it, and resolves when it is gone. */
  end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      this.#child.once('close', () => resolve())
      this.#child.kill('SIGKILL')
    })
  }
}
