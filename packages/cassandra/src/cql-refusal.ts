/** Why a value is none of a CQL type; thrown by encoders, made an error with its place. */
export class CqlRefusal extends Error {
  readonly expected: string
  readonly got: string
  /** Overflow: the kind is right, the value does not fit. */
  readonly isOverflow: boolean

  constructor(expected: string, value: unknown, isOverflow = false) {
    super(`expected ${expected}`)
    this.expected = expected
    this.got = describe(value)
    this.isOverflow = isOverflow
  }
}

const SHOWN_MAX = 60

/** A short description of a value; never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value
    return JSON.stringify(text)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (value === undefined) return 'nothing'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
