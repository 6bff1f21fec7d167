/**
 * JSON text in which bigints survive.
 *
 * A bigint 12n is written `{"$bigint":"12"}`. So that a user's object is never taken for one, an
 * object whose only key is `$bigint`, `$$bigint`, … is written with one `$` more, and read back
 * with one less. All else is as `JSON.stringify` writes it.
 */
import type { Cell } from './cell.ts'

const BIGINT = '$bigint'
const LIKE_BIGINT = /^\$+bigint$/

/** @throws Error, of JavaScript, when the value has no JSON form (a cycle, a function). */
export function jsonText(value: Cell): string {
  const text: string | undefined = JSON.stringify(value, replaced)
  if (text === undefined) throw new TypeError('the value has no JSON form')
  return text
}

/** @throws SyntaxError when the text is not JSON. */
export function parseJsonText(text: string): Cell {
  return text.includes(`${BIGINT}"`) ? JSON.parse(text, revived) : JSON.parse(text)
}

/** Objects that were made here and must not be escaped again. */
const ours = new WeakSet<object>()

function replaced(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return marked(BIGINT, String(value))
  const key = onlyKey(value)
  if (key === undefined || !LIKE_BIGINT.test(key) || ours.has(value as object)) return value
  return marked(`$${key}`, (value as Record<string, unknown>)[key])
}

function marked(key: string, value: unknown): object {
  const object = { [key]: value }
  ours.add(object)
  return object
}

function revived(_key: string, value: unknown): unknown {
  const key = onlyKey(value)
  if (key === undefined || !LIKE_BIGINT.test(key)) return value
  const inner = (value as Record<string, unknown>)[key]
  return key === BIGINT ? BigInt(inner as string) : { [key.slice(1)]: inner }
}

function onlyKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const keys = Object.keys(value)
  return keys.length === 1 ? keys[0] : undefined
}
