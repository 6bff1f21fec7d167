/**
 * Turns `// =>` into assertions, line by line, so that line numbers stay those of the page.
 *
 *     total.add(2) // => 5                  the value of an expression
 *     const rows = await frame.collect()    a statement of several lines works too, and the value
 *     // => [                               may stand below, over several lines
 *     //   { user: 'ann', n: 2 },
 *     // ]
 *
 * Equality is deep. What is asserted is an expression statement or one `const name = …`.
 */
const VALUE = /^(.*?)\/\/ => (.*)$/
const MORE = /^\s*\/\/ ?(.*)$/
const DECLARATION = /^\s*(?:export )?(?:const|let) (\w+)\b/
const CONTINUES = /^\s*[.)\]}]/

/**
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
export function withAssertions(lines) {
  const out = [...lines]
  for (let i = 0; i < lines.length; i++) {
    const [, before = '', firstLine] = VALUE.exec(lines[i] ?? '') ?? []
    if (firstLine === undefined) continue
    const { value, end } = valueFrom(lines, i, firstLine)
    for (let k = i; k < end; k++) out[k] = ''
    const last = before.trim() === '' ? lastCodeLine(out, i - 1) : i
    if (last === i) out[i] = before.trimEnd()
    assertStatement(out, last, value)
    i = end - 1
  }
  return out
}

/**
 * Reads on over comment lines until every bracket of the value is closed.
 *
 * @param {readonly string[]} lines
 * @param {number} start
 * @param {string} firstLine
 */
function valueFrom(lines, start, firstLine) {
  let value = firstLine
  let end = start + 1
  while (depthOf(value) > 0) {
    const more = MORE.exec(lines[end] ?? '')?.[1]
    if (more === undefined) throw new Error(`the value "// => ${firstLine}" has an open bracket`)
    value += ` ${more.trim()}`
    end++
  }
  return { value, end }
}

/** @param {string} text */
function depthOf(text) {
  const plain = text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '')
  const opened = plain.match(/[([{]/g)?.length ?? 0
  return opened - (plain.match(/[)\]}]/g)?.length ?? 0)
}

/**
 * @param {string[]} lines
 * @param {number} last the line on which the statement ends
 * @param {string} value
 */
function assertStatement(lines, last, value) {
  const first = firstLineOf(lines, last)
  const name = DECLARATION.exec(lines[first] ?? '')?.[1]
  const assertion = `.toEqual(${value})`
  if (name !== undefined) {
    lines[last] += `; __expect(${name})${assertion}`
    return
  }
  lines[first] = (lines[first] ?? '').replace(/\S/, start => `__expect(${start}`)
  lines[last] = `${(lines[last] ?? '').replace(/;\s*$/, '')})${assertion}`
}

/**
 * The line on which the statement that ends on line `last` begins: a line that starts with a dot
 * or a closing bracket belongs to one above with less, or the same, indentation.
 *
 * @param {readonly string[]} lines
 * @param {number} last
 */
function firstLineOf(lines, last) {
  let first = last
  while (first > 0 && CONTINUES.test(lines[first] ?? '')) {
    const own = indentOf(lines[first])
    const isDot = (lines[first] ?? '').trimStart().startsWith('.')
    do first--
    while (first > 0 && (indentOf(lines[first]) > own || (isDot && indentOf(lines[first]) === own)))
  }
  return first
}

/**
 * @param {readonly string[]} lines
 * @param {number} from
 */
function lastCodeLine(lines, from) {
  let last = from
  while (last > 0 && (lines[last] ?? '').trim() === '') last--
  if (last < 0) throw new Error('"// =>" has no statement before it')
  return last
}

/** @param {string | undefined} line Blank lines count as deep inside. */
function indentOf(line = '') {
  const at = line.search(/\S/)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}
