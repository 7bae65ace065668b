/** One line of example code, split into what runs and the line comment behind it. */
export interface ScannedLine {
  readonly code: string
  readonly comment: string | undefined
  /** How many brackets, templates and block comments are still open at the end of the line. */
  readonly depth: number
}

/** A top-level statement: the indices of its first and last line. */
export interface Statement {
  readonly first: number
  readonly last: number
}

const closes: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

const endOfString = (text: string, start: number): number => {
  let i = start + 1
  while (i < text.length && text[i] !== text[start]) i += text[i] === '\\' ? 2 : 1
  return i + 1
}

const endOfRegex = (text: string, start: number): number => {
  let i = start + 1
  let inClass = false
  while (i < text.length && (inClass || text[i] !== '/')) {
    if (text[i] === '[') inClass = true
    if (text[i] === ']') inClass = false
    i += text[i] === '\\' ? 2 : 1
  }
  return i + 1
}

// A slash divides behind a value and opens a regular expression everywhere else.
const regexMayFollow = (last: string): boolean => last === '' || /[([{,;:=!&|?+\-*%<>~^}]/.test(last)

/**
 * Separates code from line comments and counts open brackets. Not a parser: it knows strings, templates,
 * comments and regular expressions, which is what it takes to find statements in documentation.
 */
export const scanLines = (lines: readonly string[]): ScannedLine[] => {
  const open: string[] = []
  let last = ''
  return lines.map((text) => {
    let comment: string | undefined
    let end = text.length
    for (let i = 0; i < text.length; ) {
      const char = text[i] ?? ''
      const pair = text.slice(i, i + 2)
      const inside = open.at(-1)
      if (inside === '/*') {
        if (pair === '*/') open.pop()
        i += pair === '*/' ? 2 : 1
      } else if (inside === '`' && char !== '`') {
        if (pair === '${') open.push('{')
        i += pair === '${' || char === '\\' ? 2 : 1
      } else if (pair === '//') {
        comment = text.slice(i + 2).trim()
        end = i
        break
      } else if (pair === '/*') {
        open.push(pair)
        i += 2
      } else if (char === "'" || char === '"' || (char === '/' && regexMayFollow(last))) {
        i = char === '/' ? endOfRegex(text, i) : endOfString(text, i)
        last = "'"
      } else {
        if (char === '`' && inside === '`') open.pop()
        else if ('([{`'.includes(char)) open.push(char)
        else if (open.at(-1) === closes[char]) open.pop()
        if (char.trim() !== '') last = char
        i++
      }
    }
    return { code: text.slice(0, end).trimEnd(), comment, depth: open.length }
  })
}

const runsOn = (code: string): boolean =>
  /(=>|[=+\-*/%&|?:,<.]|\b(?:await|return|extends))$/.test(code) && !/(\+\+|--)$/.test(code)

const carriesOn = (code: string): boolean => /^\s*(\.|\?|:|&&|\|\||[+*/%=,]|-(?!-))/.test(code)

/** Groups lines into top-level statements. An assertion ends the statement it stands behind. */
export const statements = (
  lines: readonly ScannedLine[],
  isAssertion: (comment: string) => boolean,
): Statement[] => {
  const found: Statement[] = []
  let first: number | undefined
  lines.forEach((line, i) => {
    if (first === undefined && line.code.trim() === '') return
    first ??= i
    const next = lines.slice(i + 1).find((later) => later.code.trim() !== '')
    const asserted = line.comment !== undefined && isAssertion(line.comment)
    const goesOn = !asserted && (runsOn(line.code) || (next !== undefined && carriesOn(next.code)))
    if (line.depth > 0 || goesOn) return
    found.push({ first, last: i })
    first = undefined
  })
  if (first !== undefined) found.push({ first, last: lines.length - 1 })
  return found
}
