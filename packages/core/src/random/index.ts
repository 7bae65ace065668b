// Random numbers without state: every function takes a key and gives the same numbers for the same key. The keys,
// their splitting and the bits are those of jax.random (Threefry-2x32).

export { exponential, gumbel, laplace } from './continuous.js'
export { bernoulli, type CategoricalOptions, categorical, rademacher } from './discrete.js'
export { beta, gamma } from './gamma.js'
export { permutation, randint } from './integers.js'
export { bits, foldIn, type Key, type KeyLike, key, split } from './keys.js'
export { normal, truncatedNormal } from './normal.js'
export { type SampleOptions, type UniformOptions, uniform } from './uniform.js'
