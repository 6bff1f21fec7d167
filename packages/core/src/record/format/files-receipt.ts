/**
 * The receipt of a files sink: which staged files of an epoch become which visible ones.
 *
 *   receipt = version, text prefix, text extension, text token, varint since, varint first,
 *             varint count
 *   version = 01 | 02                                   02: the files are in folders
 *   folders = 01, varint count, text folder*            one for each file, in their order
 *
 * Folders may be many, so they are a staged object of their own, numbered behind the files.
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
  /** Whether each file is in a folder of its own choice. */
  readonly isInFolders: boolean
}

const WHAT = 'receipt of a files sink'
const VERSION = 1
const VERSION_FOLDERS = 2
const FOLDERS = 'folders of a files sink'
/** More are no epoch. */
const FILES_MAX = 1_000_000

export function filesReceiptBytes(receipt: FilesReceipt): Uint8Array {
  const out = new ByteWriter(64)
  out.byte(receipt.isInFolders ? VERSION_FOLDERS : VERSION)
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
  const isInFolders = bytes[0] === VERSION_FOLDERS
  expectVersion(from, isInFolders ? VERSION_FOLDERS : VERSION, WHAT)
  const prefix = readText(from)
  const extension = readText(from)
  const token = readText(from)
  const since = from.unsigned()
  const first = from.unsigned()
  const count = from.unsigned()
  if (count > FILES_MAX) throw formatError(WHAT, `at most ${FILES_MAX} files`, String(count))
  expectEnd(from, WHAT)
  return { prefix, extension, token, since, first, count, isInFolders }
}

export function foldersBytes(folders: readonly string[]): Uint8Array {
  const out = new ByteWriter(1024)
  out.byte(VERSION)
  out.unsigned(folders.length)
  for (const folder of folders) writeText(folder, out)
  return out.copy()
}

/** @throws FORMAT_UNKNOWN */
export function readFolders(bytes: Uint8Array): string[] {
  const from = new ByteReader(bytes, FOLDERS)
  expectVersion(from, VERSION, FOLDERS)
  const count = from.unsigned()
  if (count > bytes.length) throw formatError(FOLDERS, 'a byte for each', String(count))
  const folders = Array.from({ length: count }, () => readText(from))
  expectEnd(from, FOLDERS)
  return folders
}
