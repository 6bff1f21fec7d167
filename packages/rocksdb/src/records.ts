/**
 * The two records by which state is recognised, each with a version in front (docs/formats.md):
 * that of a slot, in the database that is its lock, and that of the state itself.
 */
import { ByteReader, ByteWriter, MillraceError } from '@millrace/core'

const SLOT_VERSION = 1
const STATE_VERSION = 1

const WHOLE = 1
const BROKEN = 2

export interface SlotRecord {
  readonly applicationId: string
  /** Of this slot alone, made once: 12 hex digits. */
  readonly id: string
  /** When the state was written last. */
  readonly boot: string
  /** All of the state is on the disk; false while it may be with the system only. */
  readonly isWhole: boolean
  /** Damage was found in the state: it is to be thrown away. */
  readonly isBroken: boolean
}

export function writeSlotRecord(record: SlotRecord): Buffer {
  const out = new ByteWriter()
  out.byte(SLOT_VERSION)
  out.byte((record.isWhole ? WHOLE : 0) | (record.isBroken ? BROKEN : 0))
  for (const text of [record.applicationId, record.id, record.boot]) writeText(text, out)
  return out.take()
}

/** @throws FORMAT_UNKNOWN */
export function readSlotRecord(bytes: Buffer, folder: string): SlotRecord {
  const from = new ByteReader(bytes, `the record of the state slot ${folder}`)
  expectVersion(from.byte(), SLOT_VERSION, folder)
  const flags = from.byte()
  if (flags > (WHOLE | BROKEN)) throw unknown(folder, `flags up to 3, got ${flags}`)
  const applicationId = from.text(from.unsigned())
  const id = from.text(from.unsigned())
  const boot = from.text(from.unsigned())
  if (from.left > 0) throw unknown(folder, `the end, got ${from.left} more bytes`)
  return {
    applicationId,
    id,
    boot,
    isWhole: (flags & WHOLE) !== 0,
    isBroken: (flags & BROKEN) !== 0,
  }
}

/** Says which slot the state belongs to, and that its keys are as `state-keys.ts` has them. */
export function writeStateRecord(slotId: string): Buffer {
  const out = new ByteWriter()
  out.byte(STATE_VERSION)
  writeText(slotId, out)
  return out.take()
}

/** The id of the slot. @throws FORMAT_UNKNOWN */
export function readStateRecord(bytes: Buffer, folder: string): string {
  const from = new ByteReader(bytes, `the record of the state in ${folder}`)
  expectVersion(from.byte(), STATE_VERSION, folder)
  return from.text(from.unsigned())
}

function expectVersion(got: number, version: number, folder: string): void {
  if (got !== version) throw unknown(folder, `version ${version}, got version ${got}`)
}

function unknown(folder: string, detail: string): MillraceError {
  return new MillraceError(
    'FORMAT_UNKNOWN',
    `the state in ${folder} is in another form: expected ${detail}. A newer version of Millrace ` +
      'wrote it. Run that version, or delete the folder: the state is made again.',
  )
}

function writeText(text: string, out: ByteWriter): void {
  const bytes = Buffer.from(text)
  out.unsigned(bytes.length)
  out.bytes(bytes)
}
