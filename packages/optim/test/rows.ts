import * as optim from '@cotangent/optim'
import { chain } from '@cotangent/optim'

// A row: an optimiser as a function of its learning rate, and which promises it makes beyond those that all make.
export interface Row {
  readonly make: (learningRate: optim.Hyper) => unknown
  /** Multiplying the loss changes nothing but for ε. */
  readonly scaleFree?: true
  /** A gradient of 0 at the first step moves nothing. Decay does. */
  readonly restless?: true
  readonly metric?: true
}
const tiny = { eps: 1e-30 }
export const rows: Readonly<Record<string, Row>> = {
  sgd: { make: (learningRate) => optim.sgd({ learningRate }) },
  nesterov: { make: (learningRate) => optim.sgd({ learningRate, momentum: 0.9, nesterov: true }) },
  adam: { make: (learningRate) => optim.adam({ learningRate, ...tiny }), scaleFree: true, metric: true },
  adamw: {
    make: (learningRate) => optim.adamw({ learningRate, ...tiny }),
    scaleFree: true,
    restless: true,
    metric: true,
  },
  nadam: { make: (learningRate) => optim.nadam({ learningRate, ...tiny }), scaleFree: true, metric: true },
  amsgrad: {
    make: (learningRate) => optim.amsgrad({ learningRate, ...tiny }),
    scaleFree: true,
    metric: true,
  },
  adamax: { make: (learningRate) => optim.adamax({ learningRate, ...tiny }), scaleFree: true, metric: true },
  rmsprop: {
    make: (learningRate) => optim.rmsprop({ learningRate, ...tiny }),
    scaleFree: true,
    metric: true,
  },
  centered: {
    make: (learningRate) => optim.rmsprop({ learningRate, centered: true, eps: 0.01 }),
    metric: true,
  },
  adagrad: {
    make: (learningRate) => optim.adagrad({ learningRate, ...tiny }),
    scaleFree: true,
    metric: true,
  },
  adadelta: { make: (learningRate) => optim.adadelta({ learningRate }), metric: true },
  lion: { make: (learningRate) => optim.lion({ learningRate }), scaleFree: true },
  polyak: { make: (max) => optim.polyak({ max }) },
  clipped: { make: (learningRate) => chain(optim.clipByGlobalNorm(1), optim.adam({ learningRate })) },
  agc: { make: (learningRate) => chain(optim.agc(0.1), optim.sgd({ learningRate })) },
  noisy: { make: (learningRate) => chain(optim.addNoise({ eta: 0 }), optim.sgd({ learningRate })) },
  sam: { make: (learningRate) => chain(optim.sam(0.05), optim.sgd({ learningRate })) },
  accumulate: { make: (learningRate) => optim.accumulate(optim.adam({ learningRate }), { every: 1 }) },
  ifFinite: { make: (learningRate) => optim.applyIfFinite(optim.adam({ learningRate }), { max: 3 }) },
  masked: { make: (learningRate) => optim.masked(optim.adam({ learningRate }), () => true) },
  lookahead: { make: (learningRate) => optim.lookahead(optim.adam({ learningRate }), { every: 2 }) },
  ema: { make: (learningRate) => chain(optim.sgd({ learningRate }), optim.ema(0.9)) },
}
