import type { Case, Outcome } from '../cases/support/case.js'
import type { Verdict } from '../cases/support/verdict.js'

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)

const STYLE = `
body { margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #222; background: #f4f5f7; }
main { max-width: 980px; margin: 0 auto; padding: 28px 20px 60px; }
article { background: #fff; border: 1px solid #e2e5ea; border-radius: 8px; padding: 8px 24px 20px; margin: 22px 0; }
h1 { font-size: 24px; } h2 { font-size: 19px; }
svg { max-width: 100%; height: auto; display: block; margin: 14px 0; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px; text-align: right; border-bottom: 1px solid #eef0f3; }
th:first-child, td:first-child { text-align: left; }
.yes::before { content: "holds "; color: #00785a; font-weight: 600; }
.no::before { content: "does not hold "; color: #b34700; font-weight: 600; }
.undecided::before { content: "undecided "; color: #666; font-weight: 600; }
nav { font-size: 13px; columns: 3 260px; }
nav a { display: block; color: #0a4d8c; text-decoration: none; padding: 2px 0; }
.scroll { overflow-x: auto; }
`

const classOf = (verdict: Verdict): string => (verdict === 'undecided' ? verdict : verdict ? 'yes' : 'no')

const article = (one: Case, { head, rows, figures, claims }: Outcome): string => {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row.map((c) => `<${tag}>${escape(c)}</${tag}>`).join('')
  return `<article id="${one.id}"><h2>${one.id}: ${escape(one.title)}</h2>
<p><b>Claim.</b> ${escape(one.claim)}</p><p><b>Setting, in full.</b> ${escape(one.setting)}</p>
<ul>${claims.map((c) => `<li class="${classOf(c.holds)}">${escape(c.text)}: ${escape(c.measured)}</li>`).join('')}</ul>
${Object.values(figures).join('\n')}
<div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div>
<p>${escape(one.lesson)}</p></article>`
}

/** One page with all cases: it loads nothing from elsewhere. */
export const tourPage = (done: readonly (readonly [Case, Outcome])[], full: boolean): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Regularisation: the practical cases</title><style>${STYLE}</style></head><body><main>
<h1>Regularisation: the practical cases</h1>
<p>${full ? 'Five seeds each, as in the documentation.' : 'In small: fewer methods, smaller networks, one seed. What one seed cannot decide is said to be undecided. Numbers as the documentation has them need --full.'}</p>
<nav>${done.map(([one]) => `<a href="#${one.id}">${one.id}: ${escape(one.title)}</a>`).join('')}</nav>
${done.map(([one, outcome]) => article(one, outcome)).join('\n')}
</main></body></html>
`
