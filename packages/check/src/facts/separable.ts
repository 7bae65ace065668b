import { type FactLaw, search, slack } from './fact.js'

/** f(x) = Σ f_i(x_i): each entry of the gradient depends on its own entry of x alone, so that the Hessian is diagonal. */
export const separable: FactLaw<true> = (k) =>
  search(k, (y) => {
    const g = k.gradient(k.x)
    for (let i = 0; i < Math.min(k.x.length, 8); i++) {
      const mixed = y.map((v, j) => (i === j ? k.x[i]! : v))
      const h = k.gradient(mixed)[i]!
      if (Math.abs(h - g[i]!) > slack(k, h, g[i]!))
        return `entry ${i} of the gradient moves from ${g[i]} to ${h} when other entries do`
    }
    return null
  })
