import { add, gelu, type Tensor } from '@cotangent/core'
import type { Layer } from '../layer.js'
import { applyPart, initPart } from '../path.js'
import { type AttentionOptions, type AttentionParams, multiHeadAttention } from './attention.js'
import { type DenseParams, dense } from './dense.js'
import { dropout as dropoutLayer } from './dropout.js'
import { layerNorm } from './normalisation.js'
import type { NormParams } from './standardise.js'

/** Options of {@link transformerBlock}. `dropout` also acts on the two branches and inside the network of each step. */
export interface TransformerOptions extends AttentionOptions {
  /** Width of the network of each step. Default four times the features. */
  readonly hidden?: number
  /** Default `gelu`. */
  readonly activation?: (x: Tensor) => Tensor
}

/** The parameters of a {@link transformerBlock}. */
export interface TransformerParams {
  readonly norm1: NormParams
  readonly attention: AttentionParams
  readonly norm2: NormParams
  readonly hidden: DenseParams
  readonly output: DenseParams
}

/**
 * One block of a transformer over `[batch, time, features]`, normalised before each branch:
 * x + attention(norm(x)), then x + output(φ(hidden(norm(x)))). Vaswani et al. 2017, https://arxiv.org/abs/1706.03762;
 * Xiong et al. 2020, https://arxiv.org/abs/2002.04745
 *
 * @example
 * const layer = transformerBlock(2, { causal: true })
 * const { params, outputShape } = layer.init(random.key(0), [1, 3, 4])
 * outputShape // => [1, 3, 4]
 * params.hidden.kernel.shape // => [4, 16]
 */
export const transformerBlock = (
  heads: number,
  { hidden, activation = (x) => gelu(x), causal = false, dropout = 0 }: TransformerOptions = {},
): Layer<TransformerParams> => {
  const drop = dropoutLayer({ rate: dropout })
  const attention = multiHeadAttention(heads, { causal, dropout })
  const norm = layerNorm({ affine: true })
  return {
    kind: `transformerBlock(${heads})`,
    init: (key, inputShape) => {
      const features = inputShape.at(-1) ?? 0
      const width = hidden ?? 4 * features
      const attends = initPart('attention', attention, key, inputShape)
      const [norm1, norm2] = [
        initPart('norm1', norm, key, inputShape),
        initPart('norm2', norm, key, inputShape),
      ]
      const inner = initPart('hidden', dense(width), key, inputShape)
      const outer = initPart('output', dense(features), key, inner.outputShape)
      return {
        params: {
          norm1: norm1.params,
          attention: attends.params,
          norm2: norm2.params,
          hidden: inner.params,
          output: outer.params,
        },
        state: {},
        outputShape: inputShape,
        parts: [norm1, attends, norm2, inner, outer].map(({ part }) => part),
      }
    },
    apply: (params, state, x, context) => {
      const part = <P>(name: string, layer: Layer<P>, own: P, input: Tensor): Tensor =>
        applyPart(name, layer, own, {}, input, context).y
      const network = (input: Tensor): Tensor => {
        const width = params.hidden.bias.size
        const inside = activation(part('hidden', dense(width), params.hidden, input))
        return part('output', dense(x.shape.at(-1)!), params.output, part('dropoutHidden', drop, {}, inside))
      }
      const attended = part('attention', attention, params.attention, part('norm1', norm, params.norm1, x))
      const middle = add(x, part('dropoutAttention', drop, {}, attended))
      const thought = network(part('norm2', norm, params.norm2, middle))
      return { y: add(middle, part('dropoutOutput', drop, {}, thought)), state }
    },
  }
}
