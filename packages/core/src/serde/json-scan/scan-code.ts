/**
 * The source of the scan of one schema and set of columns read (DESIGN: the way of a record).
 *
 * One pass over the bytes of a record. Structure and every value are checked to the end, read or
 * not; of equal names the last would win, so a second one leaves the record to the clear decoder.
 * Records of a topic mostly have the same fields in the same order: after a field that one is
 * expected which followed it last time. That is a guess about speed and changes no result.
 */
import { anyNameCode, expectedNameCode } from './field-names.ts'
import { type FieldPlan, isNested, valueCode } from './field-values.ts'

/** Bits of one number of the fields seen. */
const SEEN_BITS = 30

/** The body of a function of the names in `SCAN_PARTS`, and `nested`, that gives the scan. */
export function scanCode(fields: readonly FieldPlan[]): string {
  const names = fields.map(field => field.name)
  const columns = fields.filter(field => field.column >= 0)
  // Code that reads other types is other code.
  const nested = fields.filter(({ type }) => isNested(type)).map(({ type }) => JSON.stringify(type))
  const types = nested.length === 0 ? '' : `/* ${nested.join().replaceAll('*/', '*\\/')} */`
  const code = `${types}
const follow = new Int32Array(${fields.length + 1}).map((_, field) => field + 1)
follow[${fields.length}] = 0
return function scan(data, view, start, length, from, count, cells) {
  ${columns.map(columnLocals).join('\n')}
  for (let index = from; index < count; index++) {
    if (length[index] < 0) {
      ${columns.map(({ column }) => `cells${column}.setNull(index)`).join('\n')}
      continue
    }
    let at = start[index]
    const end = at + length[index]
    at = blankEnd(data, at, end)
    if (at >= end || data[at] !== 0x7b) return index
    at++
    if (at < end && data[at] !== 0x22) at = blankEnd(data, at, end)
    let last = ${fields.length}
    let expected = follow[last]
    ${seenLocals(fields.length)}
    if (at < end && data[at] === 0x7d) at++
    else for (;;) {
      let field = -1
      ${expectedNameCode(names)}
      if (field < 0) {
        if (at >= end || data[at] !== 0x22) return index
        at++
        const close = stringEnd(data, at, end)
        if (close < 0) return index
        const size = close - at
        ${anyNameCode(names)}
        if (field >= 0) follow[last] = field
        at = close + 1
        if (at < end && data[at] !== 0x3a) at = blankEnd(data, at, end)
        if (at >= end || data[at] !== 0x3a) return index
        at++
      }
      if (at < end && data[at] <= 0x20) at = blankEnd(data, at, end)
      if (at >= end) return index
      const byte = data[at]
      if (field < 0) {
        at = valueEnd(data, at, end, 1)
        if (at < 0) return index
      } else {
        switch (field) {
          ${fields.map(fieldCase).join('\n')}
        }
        last = field
        expected = follow[field]
      }
      if (at < end && data[at] <= 0x20) at = blankEnd(data, at, end)
      if (at >= end) return index
      const next = data[at++]
      if (next === 0x2c) {
        if (at < end && data[at] <= 0x20) at = blankEnd(data, at, end)
      } else if (next === 0x7d) break
      else return index
    }
    if (at !== end && blankEnd(data, at, end) !== end) return index
    ${missingCode(fields)}
  }
  return count
}`
  // Generated functions have a bound on their length.
  return code.replaceAll(/\n\s+/g, '\n')
}

function columnLocals({ column, type }: FieldPlan): string {
  const size =
    type.kind === 'string' || type.kind === 'json' ? `, size${column} = cells${column}.size` : ''
  return `const cells${column} = cells[${column}], values${column} = cells${column}.values${size}`
}

function seenLocals(count: number): string {
  const words = Math.ceil(count / SEEN_BITS)
  return Array.from({ length: words }, (_, word) => `let seen${word} = 0`).join('\n')
}

function fieldCase(field: FieldPlan, position: number): string {
  const { word, bit } = seenBit(position)
  return `case ${position}: {
    if ((${word} & ${bit}) !== 0) return index
    ${word} |= ${bit}
    ${valueCode(field)}
    break
  }`
}

/** A missing column is null, and null is not for all. */
function missingCode(fields: readonly FieldPlan[]): string {
  const lines = fields.map(({ type, column }, position) => {
    const { word, bit } = seenBit(position)
    const isMissing = `(${word} & ${bit}) === 0`
    if (!type.isNullable) return `if (${isMissing}) return index`
    return column >= 0 ? `if (${isMissing}) cells${column}.setNull(index)` : ''
  })
  return lines.filter(line => line !== '').join('\n')
}

function seenBit(position: number): { readonly word: string; readonly bit: number } {
  return { word: `seen${Math.floor(position / SEEN_BITS)}`, bit: 1 << (position % SEEN_BITS) }
}
