/**
 * The `ts` code fences of a page.
 *
 * @typedef {object} Fence
 * @property {number} line the line of the page on which its code begins, counted from 1
 * @property {string[]} lines its code
 * @property {boolean} runs false for `ts no-run`: its types are checked, nothing more
 * @property {boolean} continues true for `ts continue`: it goes on where the fence before ended
 */

const OPENING = /^([ \t]*)(```+|~~~+)[ \t]*(.*)$/

/**
 * @param {string} text
 * @returns {Fence[]}
 */
export function fencesOf(text) {
  const lines = text.split('\n')
  /** @type {Fence[]} */
  const fences = []
  for (let i = 0; i < lines.length; i++) {
    const [, indent = '', mark, info = ''] = OPENING.exec(lines[i] ?? '') ?? []
    if (mark === undefined) continue
    const end = closingOf(lines, i + 1, mark)
    const words = info.trim().split(/\s+/)
    if (words[0] === 'ts') {
      fences.push({
        line: i + 2,
        lines: lines.slice(i + 1, end).map(line => dedent(line, indent)),
        runs: !words.includes('no-run'),
        continues: words.includes('continue'),
      })
    }
    i = end
  }
  return fences
}

/**
 * @param {readonly string[]} lines
 * @param {number} from
 * @param {string} mark
 */
function closingOf(lines, from, mark) {
  const at = lines.findIndex((line, i) => i >= from && line.trim() === mark)
  return at < 0 ? lines.length : at
}

/**
 * @param {string} line
 * @param {string} indent
 */
function dedent(line, indent) {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()
}
