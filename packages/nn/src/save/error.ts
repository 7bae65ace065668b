import * as E from 'fp-ts/lib/Either.js'

/** Why a file could not be loaded, as a tag that code can switch on; `message` says it in words. */
export type LoadError =
  | { readonly kind: 'Truncated'; readonly needed: number; readonly length: number; readonly message: string }
  | { readonly kind: 'HeaderTooLarge'; readonly size: number; readonly message: string }
  | { readonly kind: 'InvalidJson'; readonly at: number; readonly message: string }
  | { readonly kind: 'DuplicateKey'; readonly key: string; readonly message: string }
  | { readonly kind: 'TooDeep'; readonly message: string }
  | { readonly kind: 'InvalidEntry'; readonly name: string; readonly message: string }
  | {
      readonly kind: 'UnsupportedDType'
      readonly name: string
      readonly dtype: string
      readonly message: string
    }
  | { readonly kind: 'SizeMismatch'; readonly name: string; readonly message: string }
  | { readonly kind: 'OutOfBounds'; readonly name: string; readonly message: string }
  | { readonly kind: 'Overlap'; readonly name: string; readonly other: string; readonly message: string }
  | { readonly kind: 'Hole'; readonly from: number; readonly to: number; readonly message: string }
  | { readonly kind: 'InvalidBool'; readonly name: string; readonly message: string }
  /** A whole number that no dtype of ours can hold. */
  | { readonly kind: 'OutOfRange'; readonly name: string; readonly value: bigint; readonly message: string }
  | { readonly kind: 'NameConflict'; readonly name: string; readonly message: string }
  | { readonly kind: 'InvalidTree'; readonly message: string }

/** Carries a {@link LoadError} out of the depths of the parser; {@link attempt} turns it into a value. */
class Refusal extends Error {
  constructor(readonly reason: LoadError) {
    super(reason.message)
  }
}

/** Leaves the work of {@link attempt} with an error. */
export const refuse = (reason: LoadError): never => {
  throw new Refusal(reason)
}

/** The result of the work, or the error it was left with. */
export const attempt = <A>(work: () => A): E.Either<LoadError, A> => {
  try {
    return E.right(work())
  } catch (error) {
    if (error instanceof Refusal) return E.left(error.reason)
    throw error
  }
}
