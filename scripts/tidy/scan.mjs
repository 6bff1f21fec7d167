/**
 * Tells code, comments and the insides of strings of a TypeScript file apart, without a parser.
 *
 * Each result has the length and the lines of the source, with what does not belong blanked, so
 * that positions stay true. Good enough for layout rules: a regular expression is told from a
 * division by what stands before it.
 *
 * @typedef {object} Scan
 * @property {string} code comments blanked
 * @property {string} bare comments and the contents of strings and regular expressions blanked
 * @property {string} comments everything else blanked
 */

const TOKEN = new RegExp(
  [
    /\/\/[^\n]*/, // comment to the end of the line
    /\/\*[\s\S]*?\*\//, // comment
    /'(?:[^'\\\n]|\\.)*'/,
    /"(?:[^"\\\n]|\\.)*"/,
    /`(?:[^`\\]|\\[\s\S])*`/, // template; one inside another ends it, which does no harm here
    /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/, // regular expression
  ]
    .map(part => part.source)
    .join('|'),
  'g',
)

const DIVISION_AFTER = /[\w$)\]}'"`]\s*$/
const KEYWORD_BEFORE = /\b(return|typeof|case|of|in|do|else|void|yield|await|throw)\s*$/

/**
 * @param {string} text
 * @returns {Scan}
 */
export function scan(text) {
  let code = ''
  let bare = ''
  let comments = ''
  let at = 0
  TOKEN.lastIndex = 0
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const token = found[0]
    const before = text.slice(at, found.index)
    if (isDivision(token, `${bare}${before}`)) {
      TOKEN.lastIndex = found.index + 1
      continue
    }
    const isComment = token.startsWith('//') || token.startsWith('/*')
    code += before + (isComment ? blank(token) : token)
    bare += before + (isComment ? blank(token) : hollow(token))
    comments += blank(before) + (isComment ? token : blank(token))
    at = found.index + token.length
  }
  const rest = text.slice(at)
  return { code: code + rest, bare: bare + rest, comments: comments + blank(rest) }
}

/**
 * @param {string} token
 * @param {string} before
 */
function isDivision(token, before) {
  if (!token.startsWith('/') || token.startsWith('//') || token.startsWith('/*')) return false
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return DIVISION_AFTER.test(line) && !KEYWORD_BEFORE.test(line)
}

/** @param {string} text */
function blank(text) {
  return text.replace(/[^\n]/g, ' ')
}

/** @param {string} token */
function hollow(token) {
  return token[0] + blank(token.slice(1, -1)) + token.at(-1)
}

/**
 * The lines that are not blank once comments are gone.
 *
 * @param {Scan} scanned
 */
export function codeLines({ code }) {
  return code.split('\n').filter(line => line.trim() !== '').length
}
