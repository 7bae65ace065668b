/** What went wrong, as a tag that code can switch on. */
export type ErrorKind =
  | 'Shape'
  | 'DType'
  | 'TracedValue'
  | 'LeakedTracer'
  | 'Index'
  | 'Axis'
  | 'Value'
  | 'Selector'
  | 'Donated'
  | 'Gradient'
  | 'Rule'
  | 'NonFinite'
  | 'Tree'
  | 'Format'
  | 'Memory'
  | 'Compiler'

/** Everything an error can say beyond its message. */
export interface ErrorDetails {
  /** The operation or transform that refused. */
  readonly op?: string
  /** Shapes of all operands. */
  readonly shapes?: readonly (readonly number[])[]
  /** Path of the offending leaf in its tree. */
  readonly path?: string
}

/**
 * The one error class of Cotangent: a tagged kind, the operation, the shapes, the tree path, and a message
 * that ends with what to do. Its stack starts at the caller's line, not inside the library.
 *
 * @example
 * add(zeros([2]) as Tensor, zeros([3]) as Tensor) // throws /do not broadcast/
 */
export class CotangentError extends Error {
  readonly kind: ErrorKind
  readonly op: string | undefined
  readonly shapes: readonly (readonly number[])[] | undefined
  readonly path: string | undefined

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = `${kind}Error`
    this.kind = kind
    this.op = details.op
    this.shapes = details.shapes
    this.path = details.path
    if (this.stack !== undefined) this.stack = trimStack(this.stack, this.name, message)
  }
}

/** Throws a {@link CotangentError}; usable as an expression. */
export const fail = (kind: ErrorKind, message: string, details?: ErrorDetails): never => {
  throw new CotangentError(kind, message, details)
}

/** `[2, 3]` as people write shapes. */
export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`

// Frames of the library itself are recognised by their folder. A bundle has no such folder: nothing is cut there.
const folder = /^(.*\/core\/(?:src|dist)\/)errors\.[jt]s/.exec(import.meta.url)?.[1]
const ownFolder = folder?.replace(/^file:\/\//, '')

const isOwnFrame = (line: string): boolean =>
  ownFolder !== undefined && line.trimStart().startsWith('at ') && line.includes(ownFolder)

const trimStack = (stack: string, name: string, message: string): string => {
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '))
  const first = frames.findIndex((line) => !isOwnFrame(line))
  return [`${name}: ${message}`, ...frames.slice(Math.max(first, 0))].join('\n')
}

/** `penalty.ts:7`, the place in the caller's code that led here; empty when it cannot be told. */
export const callerSite = (): string => {
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  const frame = frames.find(
    (line) => !isOwnFrame(line) && !line.includes('node:internal') && !line.includes('<anonymous>'),
  )
  const place = frame === undefined ? null : /([^/\\()\s]+):(\d+):\d+\)?$/.exec(frame)
  return place === null ? '' : `${place[1]}:${place[2]}`
}
