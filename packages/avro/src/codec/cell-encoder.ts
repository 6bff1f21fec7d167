import type { ByteWriter, CellValue } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { encodeError } from './column-encoder.ts'
import { ValueBuffer } from './value-buffer.ts'
import type { ValueForm } from './value-form.ts'
import { ValueWriters } from './value-writer.ts'

export type EncodeCell = (cell: CellValue, out: ByteWriter) => void

/** Writes one cell as one value, behind a prefix; nothing is appended when it fails. */
export function cellEncoder(writer: AvroSchema, form: ValueForm, prefix: Uint8Array): EncodeCell {
  const write = new ValueWriters(form).top(writer.type)
  const buffer = new ValueBuffer()
  return (cell, out) => {
    buffer.at = 0
    buffer.bytes(prefix)
    try {
      write(cell, buffer)
    } catch (error) {
      throw encodeError(error, 'key')
    }
    out.range(buffer.data, 0, buffer.at)
  }
}
