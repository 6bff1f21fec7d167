/**
 * JSON text into values, as `JSON.parse` reads it, and more: whole numbers beyond 2^53 stay exact
 * as bigint, numbers of decimal columns are given as their text, and nesting is bounded.
 *
 * `JSON.parse` decides what is valid. Only text with a run of 16 digits outside a string, or with
 * decimals, is read again by `ExactReader`, which therefore need not check anything.
 */
import { setOwn } from '../batch/row.ts'
import type { DataType } from '../schema/data-type.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import type { Field } from '../schema/schema.ts'

/** Objects and arrays within each other, at most. */
export const JSON_DEPTH_MAX = 500

/** A number of 16 digits or more follows one of these in an object or array; in text it may too. */
const LONG_NUMBER = /[:[,\s]-?\d{16}/
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y
/** Longer whole numbers are what `JSON.parse` makes of them: Infinity. */
const DIGITS_MAX = 1_000

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Where numbers are given as their text; undefined and null = nowhere. */
export interface NumberTexts {
  /** This value is one. */
  readonly isText: boolean
  /** Of the properties of this value, by name. */
  readonly fields: ReadonlyMap<string, NumberTexts>
  /** Of the elements of this value. */
  readonly items: NumberTexts | null
}

const NOWHERE: ReadonlyMap<string, NumberTexts> = new Map()

/** Where rows of a schema have decimals; null when it has none. */
export function numberTexts(fields: readonly Field[]): NumberTexts | null {
  const found = fields.flatMap(({ name, type }): [string, NumberTexts][] => {
    const texts = textsOf(type)
    return texts === null ? [] : [[name, texts]]
  })
  return found.length === 0 ? null : { isText: false, fields: new Map(found), items: null }
}

/** Where a value of a type has decimals. */
export function textsOf({ kind, item, fields }: DataType): NumberTexts | null {
  if (kind === 'decimal') return { isText: true, fields: NOWHERE, items: null }
  if (kind === 'struct') return numberTexts(fields)
  const items = item === undefined ? null : textsOf(item)
  return items === null ? null : { isText: false, fields: NOWHERE, items }
}

/**
 * The value of JSON text, or why it is none. Never throws.
 * @param texts where numbers are given as their text
 */
export function parseJson(text: string, texts: NumberTexts | null = null): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return new Refusal('DECODE_FAILED', 'valid JSON', describeFault(text, error))
  }
  if (text.length >= 2 * JSON_DEPTH_MAX && isTooDeep(text)) {
    const expected = `JSON of at most ${JSON_DEPTH_MAX} levels`
    return new Refusal('DECODE_FAILED', expected, 'deeper nesting')
  }
  const isPlain = texts === null && !LONG_NUMBER.test(text)
  return isPlain ? value : new ExactReader(text).value(texts)
}

function describeFault(text: string, error: unknown): string {
  if (text.trim() === '') return text === '' ? 'no bytes' : 'only white space'
  const message = error instanceof Error ? error.message : ''
  if (message.includes('end of JSON')) return `a cut-off text: ${describeValue(text)}`
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return describeValue(text)
  const near = text.slice(Math.max(0, Number(position) - 10), Number(position) + 20)
  return `a fault at position ${position}, near ${JSON.stringify(near)}`
}

/** Valid JSON only. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case 0x5b:
      case 0x7b:
        if (++depth > JSON_DEPTH_MAX) return true
        break
      case 0x5d:
      case 0x7d:
        depth--
    }
  }
  return false
}

/** Index of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first--
  return (at - first) % 2 === 1
}

/** Reads valid JSON of bounded depth. */
class ExactReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(texts: NumberTexts | null | undefined): unknown {
    switch (this.#next()) {
      case '{':
        return this.#object(texts?.fields)
      case '[':
        return this.#array(texts?.items)
      case '"':
        return this.#string()
      case 't':
        this.#at += 4
        return true
      case 'f':
        this.#at += 5
        return false
      case 'n':
        this.#at += 4
        return null
      default:
        return texts?.isText === true ? this.#digits()[0] : this.#number()
    }
  }

  /** The next character that is no white space; stays before it. */
  #next(): string {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++
    return this.#text[this.#at] as string
  }

  /** True when the character comes next, and steps behind it. */
  #take(character: string): boolean {
    if (this.#next() !== character) return false
    this.#at++
    return true
  }

  #object(texts: ReadonlyMap<string, NumberTexts> | undefined): object {
    const object = {}
    this.#at++
    if (this.#take('}')) return object
    do {
      this.#next()
      const name = this.#string()
      this.#take(':')
      setOwn(object, name, this.value(texts?.get(name)) as never)
    } while (this.#take(','))
    this.#take('}')
    return object
  }

  #array(items: NumberTexts | null | undefined): unknown[] {
    const array: unknown[] = []
    this.#at++
    if (this.#take(']')) return array
    do array.push(this.value(items))
    while (this.#take(','))
    this.#take(']')
    return array
  }

  #string(): string {
    const start = this.#at
    const end = endOfString(this.#text, start)
    this.#at = end + 1
    const inner = this.#text.slice(start + 1, end)
    return inner.includes('\\') ? JSON.parse(this.#text.slice(start, end + 1)) : inner
  }

  #digits(): RegExpExecArray & [string] {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text) as RegExpExecArray & [string]
    this.#at += match[0].length
    return match
  }

  #number(): number | bigint {
    const [digits, fraction, exponent] = this.#digits()
    const value = Number(digits)
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(value))
      return value
    return digits.length > DIGITS_MAX ? value : BigInt(digits)
  }
}
