import type { Num } from '@cotangent/core'
import type { GroupOptions } from './groups.js'
import { mcpRule } from './mcp.js'
import { radial } from './radial.js'
import { scadRule } from './scad.js'
import { over, plus } from './scalars.js'
import { above, show, strength } from './strength.js'

/**
 * R(x) = Σ r(‖x_g‖) with r the {@link mcp} of strength λω_g: groups are zero as a whole, and large ones are not shrunk.
 * Breheny & Huang 2015, https://doi.org/10.1007/s11222-013-9424-2
 *
 * @example
 * groupMcp(1, 3, { groups: [[0, 1], [2]], weights: 'none' }).prox(tensor([3, 4, 0.5]), 1) // => [3, 4, 0]
 */
export const groupMcp = (lambda: Num, gamma: Num, options: GroupOptions) => {
  strength('groupMcp', lambda)
  above('groupMcp', 'γ', gamma, 1)
  const name = `groupMcp(${show(lambda)}, ${show(gamma)})`
  return radial('groupMcp', name, lambda, (s) => mcpRule(name, s, gamma), over(1, gamma), options)
}

/**
 * R(x) = Σ r(‖x_g‖) with r the {@link scad} of strength λω_g.
 *
 * @example
 * groupScad(1, 3.7, { groups: [[0, 1], [2]], weights: 'none' }).prox(tensor([3, 4, 1.5]), 1) // => [3, 4, 0.5]
 */
export const groupScad = (lambda: Num, a: Num, options: GroupOptions) => {
  strength('groupScad', lambda)
  above('groupScad', 'a', a, 2)
  const name = `groupScad(${show(lambda)}, ${show(a)})`
  return radial('groupScad', name, lambda, (s) => scadRule(name, s, a), over(1, plus(a, -1)), options)
}
