/** What is wrong with a schema, and where in it: the one error of this folder. */
import { MillraceError } from '@millrace/core'

/** @param path where: `Purchase.lines.items`; empty = the schema itself. */
export function schemaFault(path: string, expected: string, got: string): MillraceError {
  const where = path === '' ? 'the schema' : path
  return new MillraceError(
    'INVALID_ARGUMENT',
    `the Avro schema is not valid: ${where} must be ${expected}; got ${got}. ` +
      'Mend the schema; the specification is at avro.apache.org/docs.',
    path === '' ? {} : { field: path },
  )
}
