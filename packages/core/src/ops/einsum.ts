import { fail, showShape } from '../errors.js'
import { range } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { DTypeOf, Shape } from '../types/index.js'
import type { Num } from './coerce.js'
import { contractAll, type Labelled } from './contract.js'
import { factors } from './contraction.js'
import { diagonalOf } from './triangle.js'

const refuse = (spec: string, why: string, shapes: readonly Shape[] = []): never =>
  fail('Shape', `einsum: '${spec}': ${why}`, { op: 'einsum', shapes })

const letter = /^[A-Za-z]$/

/** One term such as `b...ij` as names of axes; `...` becomes `rank - letters` names counted from the last. */
const parseTerm = (spec: string, term: string, ellipsis: number): string[] => {
  const [before = '', after, ...more] = term.split('...')
  const bad = [...before, ...(after ?? '')].find((c) => !letter.test(c))
  if (bad !== undefined || more.length > 0)
    refuse(
      spec,
      `'${bad ?? '...'}' in '${term}' is not allowed there. A term has letters and one '...' at most.`,
    )
  const middle = after === undefined ? [] : range(ellipsis).map((i) => `...${ellipsis - i}`)
  return [...before, ...middle, ...(after ?? '')]
}

const lettersOf = (term: string): number => term.replace('...', '').length

const labelOperand = (spec: string, term: string, tensor: Tensor): Labelled => {
  const extra = tensor.rank - lettersOf(term)
  if (extra < 0 || (extra > 0 && !term.includes('...')))
    refuse(
      spec,
      `'${term}' names ${lettersOf(term)} axes and the operand ${showShape(tensor.shape)} has ${tensor.rank}.`,
      [tensor.shape],
    )
  return { tensor, labels: parseTerm(spec, term, extra) }
}

/** A name that stands twice on one operand selects the diagonal of those axes. */
const withDiagonals = (spec: string, { tensor, labels }: Labelled): Labelled => {
  const second = labels.findIndex((l, i) => labels.indexOf(l) < i)
  if (second < 0) return { tensor, labels }
  const name = labels[second]!
  const first = labels.indexOf(name)
  const [m, n] = [tensor.shape[first], tensor.shape[second]]
  if (m !== n)
    refuse(spec, `'${name}' stands for axes of length ${m} and ${n} of ${showShape(tensor.shape)}.`, [
      tensor.shape,
    ])
  return withDiagonals(spec, {
    tensor: diagonalOf(tensor, first, second),
    labels: [...labels.filter((_, i) => i !== first && i !== second), name],
  })
}

/** Letters have one length everywhere; the axes of `...` broadcast. */
const checkLengths = (spec: string, xs: readonly Labelled[]): void => {
  const seen = new Map<string, number>()
  for (const { tensor, labels } of xs)
    labels.forEach((l, i) => {
      const [d, old] = [tensor.shape[i]!, seen.get(l)]
      const free = l.startsWith('...')
      if (old !== undefined && old !== d && !(free && (old === 1 || d === 1)))
        refuse(
          spec,
          `${free ? 'an axis of the ellipsis' : `'${l}'`} is ${old} in one operand and ${d} in another.`,
          xs.map((x) => x.tensor.shape),
        )
      if (old === undefined || old === 1) seen.set(l, d)
    })
}

/** Without an arrow: the axes of the ellipsis, then the letters that stand once, in alphabetical order. */
const implicitOutput = (terms: readonly string[]): string => {
  const all = terms.join('').replaceAll('.', '')
  const once = [...new Set(all)].filter((c) => all.indexOf(c) === all.lastIndexOf(c))
  return (terms.some((t) => t.includes('...')) ? '...' : '') + once.sort().join('')
}

const checkOutput = (
  spec: string,
  term: string,
  output: readonly string[],
  known: ReadonlySet<string>,
): void => {
  const unknown = output.find((l) => !known.has(l))
  if (unknown !== undefined) refuse(spec, `the output names '${unknown}', which no operand has.`)
  if (new Set(output).size < output.length) refuse(spec, `the output '${term}' names an axis twice.`)
  if ([...known].some((l) => l.startsWith('...') && !output.includes(l)))
    refuse(spec, `the operands have axes in '...' that the output '${term}' lacks. Write '...' there too.`)
}

/**
 * The sum of products that Einstein's notation names, as `numpy.einsum`: letters on the left name axes; those absent from
 * the right are summed. Without `->` the output has the letters that stand once, in alphabetical order. A letter twice on
 * one operand takes its diagonal; `...` stands for axes that broadcast. More than two operands are contracted pairwise in
 * the order that keeps intermediate results small.
 *
 * @example
 * einsum('ij,jk->ik', tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])) // => [[19, 22], [43, 50]]
 * einsum('ii', tensor([[1, 2], [3, 4]])) // => 5
 * einsum('...ij->...ji', zeros([5, 2, 3])).shape // => [5, 3, 2]
 */
export const einsum = <const Xs extends readonly Num[]>(
  spec: string,
  ...xs: Xs
): Tensor<Shape, DTypeOf<Xs[number]>> => {
  if (typeof spec !== 'string') refuse(String(spec), "the first argument is a text such as 'ij,jk->ik'.")
  const [left = '', right, ...more] = spec.replaceAll(' ', '').split('->')
  const terms = left.split(',')
  if (more.length > 0) refuse(spec, "there is more than one '->'.")
  if (terms.length !== xs.length)
    refuse(spec, `it names ${terms.length} operands and ${xs.length} were given.`)
  const tensors = factors('einsum', xs)
  const whole = terms.map((term, i) => labelOperand(spec, term, tensors[i]!))
  const term = right ?? implicitOutput(terms)
  const labelled = whole.map((x) => withDiagonals(spec, x))
  checkLengths(spec, labelled)
  const known = new Set(labelled.flatMap((x) => x.labels))
  const output = parseTerm(spec, term, [...known].filter((l) => l.startsWith('...')).length)
  checkOutput(spec, term, output, known)
  return contractAll(labelled, output) as Tensor<Shape, DTypeOf<Xs[number]>>
}
