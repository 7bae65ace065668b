import { writeExamples } from './generate.js'

console.log(`${writeExamples(process.cwd()).length} documents with examples`)
