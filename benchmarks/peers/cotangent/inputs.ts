import { cast, type Tensor, tensor, tree } from '@cotangent/core'
import { type Given, sample, type Task } from '../task.js'

/** The inputs of a row as tensors: class numbers as int32, others in the dtype of the row. */
export const inputs = ({ row, tensors }: Given): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    Object.entries(row.tensors).map(([name, { shape, classes }]) => {
      const dtype = classes === undefined ? (row.dtype ?? 'float32') : 'int32'
      return [name, cast(tensor(tensors[name]!, { shape }) as Tensor, dtype) as Tensor]
    }),
  )

/** A function that is called with the same arguments again and again; the results are compared. */
export const repeated = (call: () => unknown): Task => ({
  call,
  check: () => (tree.leaves(call() as Tensor) as Tensor[]).flatMap((t) => sample(t.toTypedArray())),
})

/** A step that gives its loss and hands its state on; the losses of three steps are compared. */
export const stepping = (step: () => Tensor): Task => ({
  call: step,
  check: () => [step().item(), step().item(), step().item()],
})

/** A step of gradient descent on a state that is given away. */
export const training = <P>(start: P, step: (p: P) => { readonly value: Tensor; readonly next: P }): Task => {
  let state = start
  return stepping(() => {
    const { value, next } = step(state)
    state = next
    return value
  })
}
