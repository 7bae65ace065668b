import { missed, refused, summary } from './table.js'

// The tables of docs/gradient-checking.md.
console.log([summary(), missed(), refused()].join('\n\n'))
