import type { Batch } from '../batch/batch.ts'
import type { Column } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { Schema } from '../schema/schema.ts'
import { checkCsvColumns, checkDelimiter, csvCell, csvField } from '../serde/csv-text.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import type { FileFormat, RowWriter } from './file-format.ts'

export interface CsvFormatOptions {
  /** One character of ASCII. Default `,`. */
  readonly delimiter?: string
  /** Whether a file begins with the names of the columns. Default true. */
  readonly header?: boolean
}

/**
 * Comma-separated values (RFC 4180, but lines end with a line feed alone), in the form that
 * `fromCsv` reads: null is an empty cell, empty text is `""`, bytes are base64, timestamps are
 * numbers of their unit, JSON values are JSON text.
 */
export function csv(options: CsvFormatOptions = {}): FileFormat {
  const { delimiter = ',', header = true } = options
  checkDelimiter(delimiter)
  return Object.freeze<FileFormat>({
    name: 'csv',
    extension: 'csv',
    check: schema => {
      checkCsvColumns(schema)
      if (!schema.isOpen) return
      throw new MillraceError(
        'SCHEMA_MISMATCH',
        'a CSV file has fixed columns, and this frame has open ones. Name them before the sink: ' +
          ".select('a', 'b').",
      )
    },
    writer: schema => csvWriter(schema, delimiter, header),
  })
}

function csvWriter({ fields }: Schema, delimiter: string, hasHeader: boolean): RowWriter {
  const names = fields.map(({ name }) => csvField(name, delimiter)).join(delimiter)
  return {
    begin: out => {
      if (hasHeader) out.text(`${names}\n`)
    },
    row: (batch: Batch, index: number, out: ByteWriter) => {
      let line = ''
      for (const [position, { name, type }] of fields.entries()) {
        const cell = (batch.columns[position] as Column).get(index)
        if (position > 0) line += delimiter
        line += csvCell({ type, name, cell, delimiter })
      }
      out.text(`${line}\n`)
    },
  }
}
