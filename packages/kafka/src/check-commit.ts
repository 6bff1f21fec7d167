import { MillraceError, type OffsetCommit } from '@millrace/core'

/** Brokers take 4,096 bytes when they are not told otherwise. */
const METADATA_CHARS_MAX = 3_000

/** @throws INVALID_ARGUMENT when no broker would take it */
export function checkCommit({ topic, partition, offset, metadata }: OffsetCommit): void {
  const place = { topic, partition }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    const text = `a committed offset is a whole number >= 0; got ${offset}.`
    throw new MillraceError('INVALID_ARGUMENT', text, place)
  }
  if (metadata.length > METADATA_CHARS_MAX || /[^ -~]/.test(metadata)) {
    const text =
      `commit metadata is printable ASCII of at most ${METADATA_CHARS_MAX} characters; ` +
      `got ${metadata.length} characters.`
    throw new MillraceError('INVALID_ARGUMENT', text, place)
  }
}
