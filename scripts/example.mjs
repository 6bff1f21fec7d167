/** `npm run example -- NAME [arguments]` runs examples/NAME; without a name it lists them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode } from './command.mjs'

const FOLDER = join(ROOT, 'examples')
const [name, ...args] = process.argv.slice(2)
const names = existsSync(FOLDER) ? readdirSync(FOLDER).filter(isExample).sort() : []

if (name !== undefined && names.includes(name)) {
  process.exitCode = await runNode(join(FOLDER, name, 'dist/main.js'), args)
} else {
  if (name !== undefined) console.error(`There is no example "${name}".\n`)
  console.log('npm run example -- NAME [arguments], where NAME is one of:')
  for (const each of names) console.log(`  ${each.padEnd(16)} ${titleOf(each)}`)
  process.exitCode = name === undefined ? 0 : 1
}

/** @param {string} each */
function isExample(each) {
  return existsSync(join(FOLDER, each, 'src/main.ts'))
}

/** @param {string} each The first heading of its README says what it shows. */
function titleOf(each) {
  const readme = join(FOLDER, each, 'README.md')
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
  return /^# (.+)$/m.exec(text)?.[1] ?? ''
}
