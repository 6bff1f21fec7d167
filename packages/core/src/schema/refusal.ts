/** Why a refusal was given; the codes that bad input has. */
export type RefusalCode = 'DECODE_FAILED' | 'TIMESTAMP_UNIT' | 'OVERFLOW'

const GOT_LENGTH_MAX = 100

/** The answer of a check that failed, given instead of thrown: bad input is ordinary. */
export class Refusal {
  readonly code: RefusalCode
  /** What would have been right, and where within the value: `text at .address.city`. */
  readonly expected: string
  /** What was there, at most 100 characters. */
  readonly got: string
  readonly #right: string
  readonly #place: string

  constructor(code: RefusalCode, expected: string, got: string, place = '') {
    this.code = code
    this.expected = place === '' ? expected : `${expected} at ${place}`
    this.got = bounded(got)
    this.#right = expected
    this.#place = place
  }

  /** The refusal of the value in which this one is at a place, `.city` or `[3]`. */
  within(place: string): Refusal {
    return new Refusal(this.code, this.#right, this.got, bounded(place + this.#place))
  }
}

/**
 * A JavaScript value in words for messages, at most 100 characters: `"abc"`, `12`, `an array of 3`.
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'string':
      return quoted(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return bounded(String(value))
    case 'boolean':
      return String(value)
    case 'object':
      return describeObject(value)
    default:
      return `a ${typeof value}`
  }
}

/** Text cut to the length that messages may quote. */
export function bounded(text: string): string {
  return text.length <= GOT_LENGTH_MAX ? text : `${text.slice(0, GOT_LENGTH_MAX - 1)}…`
}

function quoted(text: string): string {
  const whole = JSON.stringify(text.slice(0, GOT_LENGTH_MAX))
  if (text.length <= GOT_LENGTH_MAX && whole.length <= GOT_LENGTH_MAX) return whole
  return `${whole.slice(0, GOT_LENGTH_MAX - 2)}…"`
}

function describeObject(value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  return 'an object'
}
