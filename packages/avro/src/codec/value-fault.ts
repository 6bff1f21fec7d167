import { bounded } from '@millrace/core'

/**
 * Why a value cannot be read or written; it is thrown within this folder, and becomes a
 * `DecodeFailure` or ENCODE_FAILED.
 */
export class ValueFault extends Error {
  readonly code: 'DECODE_FAILED' | 'OVERFLOW'
  readonly expected: string
  readonly got: string
  /** Fields and items that lead to the value, from the outside: `lines[3].price`. */
  path = ''

  constructor(expected: string, got: string, code: ValueFault['code'] = 'DECODE_FAILED') {
    super(expected)
    this.expected = expected
    this.got = bounded(got)
    this.code = code
  }

  /** The same fault, seen from one level further out. */
  within(step: string): this {
    const isIndex = this.path === '' || this.path.startsWith('[')
    this.path = bounded(isIndex ? step + this.path : `${step}.${this.path}`)
    return this
  }
}
