/** Nothing of the machine it was written on: no paths, no internal hosts, no mirrors. */
import { lineAt } from './tree.mjs'

const LOCKS = /(^|\/)(pnpm-lock\.yaml|package-lock\.json|\.npmrc)$/

/** @type {readonly [pattern: RegExp, text: string][]} */
const PLACES = [
  [/(?<![\w.*-])\/(?:work|root|Users)\//g, 'a path of one machine; make it relative.'],
  [/(?<![\w.*-])\/home\/[a-z]/g, 'a path of one machine; make it relative.'],
  [/\/\/[\w.-]+\.(?:internal|corp|intranet|lan)\b/g, 'the name of an internal host; take it out.'],
]

/** @type {import('./tree.mjs').Rule} */
export function machinePlaces(tree) {
  const files = tree.files.filter(file => LOCKS.test(file) || tree.texted.includes(file))
  return files.flatMap(file => {
    const text = tree.read(file)
    const found = PLACES.flatMap(([pattern, message]) => findAll(file, text, pattern, message))
    if (!LOCKS.test(file)) return found
    const message = 'an address of a registry; lock files and .npmrc name none.'
    return [...found, ...findAll(file, text, /https?:\/\/\S+/g, message)]
  })
}

/**
 * @param {string} file
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string} message
 */
function findAll(file, text, pattern, message) {
  return [...text.matchAll(pattern)].map(found => ({
    file,
    line: lineAt(text, found.index),
    text: `"${found[0]}" is ${message}`,
  }))
}
