import { MillraceError } from '@millrace/core'

/** Where a reader of container files stands. */
export interface FilePosition {
  /** Of the file; empty where there is but one, and at the beginning. */
  readonly name: string
  /** Where a block begins; 0 = the first one. */
  readonly byte: number
  readonly row: number
}

const POSITION = /^(\d{1,15}):(\d{1,10}):(.{0,900})$/

export function positionText({ name, byte, row }: FilePosition): string {
  return `${byte}:${row}:${name}`
}

/** @throws FORMAT_UNKNOWN for a position of another source. */
export function filePosition(text: string | null, source: string): FilePosition {
  if (text === null) return { name: '', byte: 0, row: 0 }
  const match = POSITION.exec(text)
  if (match !== null) {
    return { byte: Number(match[1]), row: Number(match[2]), name: match[3] as string }
  }
  throw new MillraceError(
    'FORMAT_UNKNOWN',
    `${source}: expected a position as byte:row:name, got ${JSON.stringify(text.slice(0, 80))}. ` +
      'It was written by another source or a newer version.',
  )
}
