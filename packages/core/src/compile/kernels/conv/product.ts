import { sizeOf } from '../../../shape.js'
import { i32, int } from '../../wasm/index.js'
import type { Kernel } from '../gemm/job.js'
import { panelColumns } from '../gemm/pack.js'
import { tileRows } from '../gemm/rows.js'
import { type Facts, kBytes, multiply, type Part, packPart, patchScratch } from './parts.js'
import { placesOf, scatterRows } from './scatter.js'

/** Patches times the window; C's rows are all places in order. */
export const patchKernel = (facts: Facts, part: Part): Kernel => {
  const { e, filters } = facts
  return {
    variant: 'patches',
    pack: {
      bytes: kBytes(e, part, filters),
      pieces: Math.ceil(filters / panelColumns(e)),
      emit: (f, w, packed, first, last) => packPart(f, facts, part, w, packed, int(first), int(last)),
    },
    scratch: patchScratch(facts, part),
    grain: tileRows(facts.lib, e)[0]!,
    product: (f, { a, c, packed, scratch }, from, to, done) =>
      multiply(
        f,
        facts,
        part,
        { x: int(a), packed: int(packed), scratch: int(scratch) },
        from,
        to,
        (row) => i32.add(c, i32.mul(row, filters * e.bytes)),
        done,
      ),
  }
}

/** One part for each phase of a dilated input: blocks are computed in scratch and their rows put where they belong. */
export const phaseKernel = (facts: Facts, parts: readonly Part[]): Kernel => {
  const { lib, e, filters, places, images } = facts
  const perImage = sizeOf(places)
  const starts = parts.map((_, i) =>
    parts.slice(0, i).reduce((sum, part) => sum + kBytes(e, part, filters), 0),
  )
  const panels = Math.ceil(filters / panelColumns(e))
  const most = Math.max(...parts.map((part) => part.block * filters * e.bytes + 64))
  return {
    variant: 'phases',
    pack: {
      bytes: parts.reduce((sum, part) => sum + kBytes(e, part, filters), 0),
      pieces: panels,
      emit: (f, w, packed, first, last) => {
        for (const [i, part] of parts.entries())
          packPart(f, facts, part, w, f.let(i32.add(packed, starts[i]!)), int(first), int(last))
      },
    },
    scratch: most + Math.max(...parts.map((part) => patchScratch(facts, part))),
    grain: perImage,
    strict: true,
    product: (f, { a, c, packed, scratch }, from, to, done) => {
      const [first, last] = [f.let(i32.divU(from, perImage)), f.let(i32.divU(to, perImage))]
      for (const [i, part] of parts.entries()) {
        const each = part.rows / images
        const at = {
          x: int(a),
          packed: f.let(i32.add(int(packed), starts[i]!)),
          scratch: f.let(i32.add(int(scratch), most)),
        }
        const scatter = scatterRows(lib, e, {
          columns: filters,
          images,
          axes: placesOf(part.axes, places),
          perImage,
        })
        multiply(
          f,
          facts,
          part,
          at,
          f.let(i32.mul(first, each)),
          f.let(i32.mul(last, each)),
          () => int(scratch),
          (row, end) => f.call(scatter, [int(scratch), c, row, end]),
        )
      }
      done(from, to)
    },
  }
}
