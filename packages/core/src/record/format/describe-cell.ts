import type { Cell } from './cell.ts'

const CHARS_MAX = 40

/** A short, bounded description of a value for errors: `the string "abc"`, `an object`, `null`. */
export function describeCell(value: Cell | undefined): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return `the string ${JSON.stringify(shortened(value))}`
  if (typeof value === 'bigint') return `the bigint ${shortened(String(value))}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number' || typeof value === 'boolean') {
    return `the ${typeof value} ${Object.is(value, -0) ? '-0' : value}`
  }
  return `a ${typeof value}`
}

function shortened(text: string): string {
  return text.length <= CHARS_MAX ? text : `${text.slice(0, CHARS_MAX)}…`
}
