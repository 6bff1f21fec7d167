/**
 * The receipt of a files sink: which staged files of an epoch become which visible ones.
 *
 *   receipt = 01, text prefix, text extension, text token, varint since, varint first, varint count
 *
 * The names are made of it, the task and the epoch (`sink/file-names.ts`). The prefix and the
 * extension are kept, so that an epoch is finished where it was begun though the program has
 * changed since.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion, formatError } from './format-check.ts'
import { readText, writeText } from './sized-text.ts'

export interface FilesReceipt {
  /** The beginning of the visible names. */
  readonly prefix: string
  /** Their end, without its dot. */
  readonly extension: string
  /** Of the writer: staged files of another one never have its names. */
  readonly token: string
  /** The first epoch that the staged files could belong to; not after the receipt's epoch. */
  readonly since: number
  /** Number of the first staged file; the others follow. */
  readonly first: number
  /** How many files. */
  readonly count: number
}

const WHAT = 'receipt of a files sink'
const VERSION = 1
/** More are no epoch. */
const FILES_MAX = 1_000_000

export function filesReceiptBytes(receipt: FilesReceipt): Uint8Array {
  const out = new ByteWriter(64)
  out.byte(VERSION)
  writeText(receipt.prefix, out)
  writeText(receipt.extension, out)
  writeText(receipt.token, out)
  out.unsigned(receipt.since)
  out.unsigned(receipt.first)
  out.unsigned(receipt.count)
  return out.copy()
}

/** @throws FORMAT_UNKNOWN */
export function readFilesReceipt(bytes: Uint8Array): FilesReceipt {
  const from = new ByteReader(bytes, WHAT)
  expectVersion(from, VERSION, WHAT)
  const prefix = readText(from)
  const extension = readText(from)
  const token = readText(from)
  const since = from.unsigned()
  const first = from.unsigned()
  const count = from.unsigned()
  if (count > FILES_MAX) throw formatError(WHAT, `at most ${FILES_MAX} files`, String(count))
  expectEnd(from, WHAT)
  return { prefix, extension, token, since, first, count }
}
