import type { GraphIR } from './ir.js'
import { nestedGraphs, nodeName } from './nested.js'
import { nameSymbols, showAval, showParams } from './print.js'

const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** The graph in the language of Graphviz: boxes are nodes, ellipses inputs and outputs, clusters nested graphs. */
export const dotGraph = (graph: GraphIR): string => {
  let cluster = 0
  const body = (g: GraphIR, prefix: string, indent: string): string[] => {
    const name = nameSymbols(g)
    const source = new Map<unknown, string>()
    const out: string[] = []
    for (const s of g.inputs) {
      const id = quote(`${prefix}${name(s)}`)
      source.set(s, id)
      out.push(`${indent}${id} [shape=ellipse, label=${quote(`${name(s)}: ${showAval(s)}`)}];`)
    }
    g.nodes.forEach((node, i) => {
      const id = quote(`${prefix}n${i}`)
      for (const s of node.outputs) source.set(s, id)
      const label = [nodeName(node), showParams(node), node.path && `# ${node.path}`].filter((x) => x !== '')
      out.push(`${indent}${id} [shape=box, label=${quote(label.join(' '))}];`)
      for (const s of node.inputs)
        out.push(`${indent}${source.get(s)} -> ${id} [label=${quote(showAval(s))}];`)
      for (const inner of nestedGraphs(node)) {
        const at = cluster++
        out.push(
          `${indent}subgraph cluster_${at} {`,
          `${indent}  label=${quote(`${nodeName(node)} ${inner.name}`)};`,
        )
        out.push(...body(inner.graph, `${prefix}c${at}/`, `${indent}  `), `${indent}}`)
      }
    })
    g.outputs.forEach((s, i) => {
      const id = quote(`${prefix}out${i}`)
      out.push(`${indent}${id} [shape=ellipse, label=${quote(`output ${i}`)}];`)
      out.push(`${indent}${source.get(s)} -> ${id} [label=${quote(showAval(s))}];`)
    })
    return out
  }
  return ['digraph {', ...body(graph, '', '  '), '}'].join('\n')
}
