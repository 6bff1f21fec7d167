/**
 * The text a task without state leaves beside its committed offset: its epoch marker. ASCII, at
 * most 3,000 characters.
 *
 *   metadata = "m1;e=" number ";p=" counts ";w=" marks ";f=" name ";r=" receipts ";"
 *   counts   = [ name ":" number *( "," … ) ]                partitions of each input topic
 *   marks    = [ name "/" number ":" mark *( "," … ) ]       watermark of each source partition
 *   receipts = [ name ":" ( "-" | "." base64url ) *( "," … ) ]   "-" = null
 *   mark     = a number as JavaScript prints it, "Infinity" and "-Infinity" included
 *   name     = UTF-8, every byte but A-Z a-z 0-9 . _ - as %XX (capitals)
 *   number   = 0 to 2^53 - 1 in decimal, no leading zeros
 *
 * A reader takes exactly what a writer writes, else FORMAT_UNKNOWN; the last `;` shows that nothing
 * was cut off. Text that does not begin with `m`, digits and `;` was left by another program and
 * counts as none.
 */
import { MillraceError } from '../../errors.ts'
import type { SinkReceipt } from './epoch-marker.ts'
import { formatError } from './format-check.ts'

export interface CommitMetadata {
  readonly epoch: number
  readonly partitionCounts: readonly { readonly topic: string; readonly partitionCount: number }[]
  readonly watermarks: readonly {
    readonly topic: string
    readonly partition: number
    /** Epoch milliseconds; -Infinity = no record yet. */
    readonly watermark: number
  }[]
  /** Of the whole plan. */
  readonly fingerprint: string
  readonly receipts: readonly SinkReceipt[]
}

/** More would be cut by the Kafka client. */
const COMMIT_METADATA_CHARS_MAX = 3000

const WHAT = 'offset-commit metadata'
const OURS = /^m\d+;/
const FORM = /^m1;e=([^;]*);p=([^;]*);w=([^;]*);f=([^;]*);r=([^;]*);$/

/** @throws ENCODE_FAILED when the text would be longer than allowed. */
export function commitMetadataText(metadata: CommitMetadata): string {
  const counts = metadata.partitionCounts.map(c => `${escaped(c.topic)}:${c.partitionCount}`)
  const marks = metadata.watermarks.map(
    ({ topic, partition, watermark }) => `${escaped(topic)}/${partition}:${watermark + 0}`,
  )
  const receipts = metadata.receipts.map(r => `${escaped(r.sink)}:${receiptText(r.receipt)}`)
  const text =
    `m1;e=${metadata.epoch};p=${counts};w=${marks}` +
    `;f=${escaped(metadata.fingerprint)};r=${receipts};`
  if (text.length <= COMMIT_METADATA_CHARS_MAX) return text
  throw new MillraceError(
    'ENCODE_FAILED',
    `${WHAT} would be ${text.length} characters, of which the receipts of sinks take ` +
      `${String(receipts).length}; at most ${COMMIT_METADATA_CHARS_MAX} are possible. ` +
      'A sink with a large receipt must store it and give its name.',
  )
}

/**
 * Null for text that is not ours, such as ''.
 * @throws FORMAT_UNKNOWN for another version of ours, and for text that was altered.
 */
export function parseCommitMetadata(text: string): CommitMetadata | null {
  if (!OURS.test(text)) return null
  const parts = FORM.exec(text)
  if (parts === null) throw formatError(WHAT, 'm1;e=…;p=…;w=…;f=…;r=…;', shortened(text))
  const [, epoch = '', counts = '', marks = '', fingerprint = '', receipts = ''] = parts
  const metadata: CommitMetadata = {
    epoch: parseNumber(epoch),
    partitionCounts: list(counts).map(item => {
      const [topic, count] = split(item, ':')
      return { topic: unescaped(topic), partitionCount: parseNumber(count) }
    }),
    watermarks: list(marks).map(item => {
      const [place, mark] = split(item, ':')
      const [topic, partition] = split(place, '/')
      const watermark = parseMark(mark)
      return { topic: unescaped(topic), partition: parseNumber(partition), watermark }
    }),
    fingerprint: unescaped(fingerprint),
    receipts: list(receipts).map(item => {
      const [sink, receipt] = split(item, ':')
      return { sink: unescaped(sink), receipt: parseReceipt(receipt) }
    }),
  }
  return metadata
}

function escaped(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, part =>
    Buffer.from(part, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&'),
  )
}

function unescaped(text: string): string {
  const bytes = text.replace(/%([0-9A-F]{2})/g, (_, byte: string) =>
    String.fromCharCode(Number.parseInt(byte, 16)),
  )
  const name = Buffer.from(bytes, 'latin1').toString('utf8')
  if (escaped(name) !== text) throw formatError(WHAT, 'an escaped name', shortened(text))
  return name
}

function receiptText(receipt: Uint8Array | null): string {
  return receipt === null ? '-' : `.${Buffer.from(receipt).toString('base64url')}`
}

function parseReceipt(text: string): Uint8Array | null {
  if (text === '-') return null
  const bytes = Uint8Array.from(Buffer.from(text.slice(1), 'base64url'))
  if (receiptText(bytes) !== text) throw formatError(WHAT, 'a receipt', shortened(text))
  return bytes
}

function parseNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0 && String(number) === text) return number
  throw formatError(WHAT, 'a whole number', shortened(text))
}

function parseMark(text: string): number {
  const mark = Number(text)
  if (String(mark) !== text || Number.isNaN(mark)) {
    throw formatError(WHAT, 'a watermark', shortened(text))
  }
  return mark
}

function list(text: string): string[] {
  return text === '' ? [] : text.split(',')
}

function split(text: string, separator: string): [string, string] {
  const parts = text.split(separator)
  if (parts.length !== 2) throw formatError(WHAT, `one "${separator}"`, shortened(text))
  return parts as [string, string]
}

function shortened(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 60)}…`)
}
