const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Text for HTML. */
export const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c]!)

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #222; background: #f4f5f7; }
main { max-width: 1200px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 36px 0 12px; }
.sub { color: #555; margin: 0 0 20px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px; }
.fact, .card { background: #fff; border: 1px solid #e2e5ea; border-radius: 8px; }
.fact { padding: 10px 14px; }
.fact b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
.fact span { color: #666; font-size: 12px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 14px; }
.card { padding: 6px; overflow: hidden; }
.card svg { width: 100%; height: auto; display: block; }
.note { background: #fff; border-left: 4px solid #009E73; padding: 10px 14px; margin: 16px 0 0; border-radius: 0 8px 8px 0; }
.note.vanishing { border-color: #E69F00; } .note.exploding { border-color: #D55E00; }
.scroll { overflow-x: auto; background: #fff; border: 1px solid #e2e5ea; border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: 6px 12px; text-align: right; border-bottom: 1px solid #eef0f3; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { background: #fafbfc; font-weight: 600; }
tr:last-child td { border-bottom: 0; }
@media (max-width: 560px) { .figures { grid-template-columns: 1fr; } }
@media print { body { background: #fff; } .card, .fact { break-inside: avoid; } }
`.trim()

/** A section of figures. */
export const figures = (title: string, svgs: readonly string[]): string =>
  svgs.length === 0
    ? ''
    : `<section><h2>${escape(title)}</h2><div class="figures">${svgs.map((svg) => `<div class="card">${svg}</div>`).join('\n')}</div></section>`

/** A section with a table. */
export const table = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string => {
  if (rows.length === 0) return ''
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row.map((c) => `<${tag}>${escape(c)}</${tag}>`).join('')
  return `<section><h2>${escape(title)}</h2><div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table></div></section>`
}

/** The numbers at the top. */
export const facts = (all: readonly (readonly [string, string])[]): string =>
  `<div class="facts">${all.map(([name, value]) => `<div class="fact"><b>${escape(value)}</b><span>${escape(name)}</span></div>`).join('')}</div>`

/** A whole page: nothing in it is loaded from elsewhere. */
export const page = (title: string, subtitle: string, body: readonly string[]): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${escape(title)}</h1>
<p class="sub">${escape(subtitle)}</p>
${body.filter((part) => part !== '').join('\n')}
</main></body>
</html>
`
