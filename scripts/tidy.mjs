/** `npm run tidy`: prints what breaks a rule of the layout, one line each, and what to do. */
import { ROOT } from './command.mjs'
import { tidy } from './tidy/tidy.mjs'

const findings = tidy(ROOT)
for (const { file, line, text } of findings) {
  console.log(`${file}${line === undefined ? '' : `:${line}`}: ${text}`)
}
if (findings.length > 0) console.log(`tidy: ${findings.length} findings`)
process.exitCode = findings.length > 0 ? 1 : 0
