/**
 * What the pages must say: the map names every folder of core and answers a newcomer's questions
 * with links, the page of errors has a heading per code, each example has a short page.
 */
import { CORE } from './import-table.mjs'
import { headings, relativeLinks, resolveLink } from './markdown.mjs'

const MAP = 'ARCHITECTURE.md'
const ERRORS_PAGE = 'docs/errors.md'
const ERRORS_SOURCE = `${CORE}/errors.ts`
const EXAMPLE_README_LINES_MAX = 30

/** A newcomer's three questions; the map answers each with a link to the code. */
const QUESTIONS = [
  'Where does a filter run?',
  'Where does a window close?',
  'Where does an offset get committed?',
]

/** @type {import('./tree.mjs').Rule} */
export function architecture(tree) {
  if (!tree.has(MAP)) return [{ file: MAP, text: 'is missing; write the map of the code.' }]
  const text = tree.read(MAP)
  const folders = tree.entries(CORE).filter(name => !name.includes('.'))
  const unnamed = folders
    .filter(name => !new RegExp(`(^|[^\\w-])${name}(/|\`)`, 'm').test(text))
    .map(name => ({ file: MAP, text: `does not name ${CORE}/${name}/; say what it is for.` }))
  const unanswered = QUESTIONS.filter(question => !isAnswered(tree, text, question)).map(
    question => ({ file: MAP, text: `"${question}" needs an answer that links to a file.` }),
  )
  return [...unnamed, ...unanswered]
}

/**
 * The answer is the text from the question to the next question, the next heading or, when it is
 * a row of a table or an item of a list, to the end of that.
 *
 * @param {import('./tree.mjs').Tree} tree
 * @param {string} text
 * @param {string} question
 */
function isAnswered(tree, text, question) {
  const at = text.indexOf(question)
  if (at < 0) return false
  const rest = text.slice(at + question.length)
  const ends = [...QUESTIONS.map(other => rest.indexOf(other)), rest.search(/^#{1,6}\s/m)]
  const end = Math.min(rest.length, ...ends.filter(index => index >= 0))
  return relativeLinks(rest.slice(0, end)).some(({ target }) => {
    const { path } = resolveLink(MAP, target)
    return path !== MAP && tree.has(path)
  })
}

/** @type {import('./tree.mjs').Rule} */
export function errorPage(tree) {
  if (!tree.has(ERRORS_SOURCE)) return []
  const codes = errorCodes(tree.scan(ERRORS_SOURCE).code)
  if (codes.length === 0) {
    return [{ file: ERRORS_SOURCE, text: 'has no `const CODES = […] as const`; keep one list.' }]
  }
  const page = tree.has(ERRORS_PAGE) ? tree.read(ERRORS_PAGE) : ''
  const titles = headings(page).map(({ title }) => title.replaceAll('`', ''))
  const described = titles.filter(title => /^[A-Z][A-Z0-9_]+$/.test(title))
  const missing = codes
    .filter(code => !described.includes(code))
    .map(code => ({ file: ERRORS_PAGE, text: `has no heading for ${code}; say what to do.` }))
  const unknown = described
    .filter(code => !codes.includes(code))
    .map(code => ({ file: ERRORS_PAGE, text: `${code} is not a code of ${ERRORS_SOURCE}.` }))
  return [...missing, ...unknown]
}

/** @param {string} code */
function errorCodes(code) {
  const list = code.match(/\b\w*CODES\b[^=]*=\s*\[([^\]]*)\]\s*as const/)?.[1] ?? ''
  return [...list.matchAll(/['"]([A-Z][A-Z0-9_]+)['"]/g)].map(found => found[1] ?? '')
}

/** @type {import('./tree.mjs').Rule} */
export function exampleReadmes(tree) {
  const examples = tree.entries('examples').filter(name => !name.includes('.'))
  return examples.flatMap(name => {
    const file = `examples/${name}/README.md`
    if (!tree.has(file)) return [{ file, text: 'is missing; say what it shows and how to run it.' }]
    const lines = tree.read(file).trimEnd().split('\n').length
    if (lines <= EXAMPLE_README_LINES_MAX) return []
    return [{ file, text: `${lines} lines, ${EXAMPLE_README_LINES_MAX} at most; keep the heart.` }]
  })
}
