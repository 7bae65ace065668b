/** Example code that shares one scope. `lines[i]` stands on line `i + 1` of the document; the rest is empty. */
export interface Example {
  readonly name: string
  readonly lines: readonly string[]
}

interface Block {
  readonly info: readonly string[]
  readonly code: ReadonlyMap<number, string>
}

/** The fenced code blocks among `lines`, keyed by line index. */
const fencedBlocks = (lines: ReadonlyMap<number, string>): Block[] => {
  const blocks: Block[] = []
  let fence: { readonly mark: string; readonly indent: number } | undefined
  let code = new Map<number, string>()
  for (const [i, line] of lines) {
    const [, indent = '', mark = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? []
    if (fence === undefined) {
      if (mark === '') continue
      fence = { mark, indent: indent.length }
      code = new Map()
      blocks.push({ info: info.trim().split(/\s+/), code })
    } else if (mark.startsWith(fence.mark) && info === '') {
      fence = undefined
    } else {
      code.set(i, line.slice(Math.min(fence.indent, line.length - line.trimStart().length)))
    }
  }
  return blocks
}

const runs = ({ info }: Block): boolean =>
  (info[0] === 'ts' || info[0] === 'typescript') && !info.includes('no-run')

const place = (name: string, blocks: Iterable<ReadonlyMap<number, string>>): Example => {
  const lines: string[] = []
  for (const block of blocks) for (const [i, text] of block) lines[i] = text
  return { name, lines: Array.from(lines, (text) => text ?? '') }
}

const numbered = (text: string): Map<number, string> => new Map(text.split('\n').entries())

/** The `ts` blocks of a markdown file. They share one scope, until a block marked `ts fresh` starts a new one. */
export const collectMarkdown = (path: string, text: string): Example[] => {
  const groups: Block[][] = []
  for (const block of fencedBlocks(numbered(text)).filter(runs)) {
    const current = groups.at(-1)
    if (current === undefined || block.info.includes('fresh')) groups.push([block])
    else current.push(block)
  }
  return groups.map((blocks, i) =>
    place(
      i === 0 ? path : `${path} (${i + 1})`,
      blocks.map((block) => block.code),
    ),
  )
}

/** One example per `@example` tag in the doc comments of a TypeScript file; a fence around the code is optional. */
export const collectDocComments = (path: string, source: string): Example[] =>
  [...source.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)].flatMap((comment) => {
    const firstLine = source.slice(0, comment.index).split('\n').length - 1
    const lines = comment[0]
      .replace(/\s*\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*(\/\*\*|\*) ?/, ''))
    const isTag = (line: string): boolean => /^\s*@[a-z]/i.test(line)
    return lines.flatMap((line, start) => {
      if (!/^\s*@example\b/.test(line)) return []
      const length = lines.slice(start + 1).findIndex(isTag)
      const end = length < 0 ? lines.length : start + 1 + length
      const body = new Map(
        lines.slice(start + 1, end).map((text, i): [number, string] => [firstLine + start + 1 + i, text]),
      )
      const blocks = fencedBlocks(body)
      const name = `${path}:${firstLine + start + 1}`
      const code = blocks.length === 0 ? [body] : blocks.filter(runs).map((block) => block.code)
      return code.length === 0 ? [] : [place(name, code)]
    })
  })
