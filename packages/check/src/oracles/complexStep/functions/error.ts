/**
 * What a small imaginary part adds to erf x: erf(x + iy) - erf x, for |y| ≤ 1, by Abramowitz and Stegun 7.1.29, the trapezoidal rule for the
 * integral of a Gauss function, whose relative error is about 1e-17.
 */
export const erfBeside = (x: number, y: number): readonly [number, number] => {
  const [cos, sin] = [Math.cos(2 * x * y), Math.sin(2 * x * y)]
  const gauss = Math.exp(-x * x)
  // 1 - cos 2xy without cancellation.
  const versine = 2 * Math.sin(x * y) ** 2
  let [re, im] = x === 0 ? [0, y / Math.PI] : [versine / (2 * Math.PI * x), sin / (2 * Math.PI * x)]
  for (let n = 1; n <= 13; n++) {
    const weight = (2 / Math.PI) * (Math.exp((-n * n) / 4) / (n * n + 4 * x * x))
    const [ch, sh] = [Math.cosh(n * y), Math.sinh(n * y)]
    re += weight * (2 * x * (versine - 2 * Math.sinh((n * y) / 2) ** 2 * cos) + n * sh * sin)
    im += weight * (2 * x * ch * sin + n * sh * cos)
  }
  return [gauss * re, gauss * im]
}

/**
 * The c where Im erf(w + ic) = y, for w = erfInv x and a small y: erf is nearly linear there, so that scaling by what is
 * missed settles it.
 */
export const erfInvBeside = (w: number, y: number): number => {
  let c = y
  for (let k = 0; k < 3 && c !== 0; k++) c *= y / erfBeside(w, c)[1]
  return c
}
