/**
 * A slot: the place of one process among those of an application on this host. It gives the process
 * a folder for its state and a name that lasts.
 *
 *   FOLDER/<application id>/<number>/<engine>.lock/   a database with one record: the slot's
 *   FOLDER/<application id>/<number>/<engine>/        the state; only who has the lock touches it
 *
 * The lock is that of the first database: the system gives it back when a process ends, however it
 * ends, so nothing is ever stale. It is a database of its own so that damaged state can be deleted
 * while the lock is held. A slot is taken in this order: lock, record, look after the state, new
 * record; the record says what the next process may think of the state.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import { isSameBoot } from './boot.ts'
import type { Database, Engine, EngineSettings } from './engine.ts'
import { readSlotRecord, type SlotRecord, writeSlotRecord } from './records.ts'
import { isLocked, stateError } from './state-error.ts'
import { END_KEY, FIRST_KEY, RECORD_KEY } from './state-keys.ts'
import { SLOTS_MAX } from './state-options.ts'

export interface SlotPlace {
  readonly folder: string
  readonly applicationId: string
  readonly engine: Engine
  /** Null: the first slot that is free. */
  readonly number: number | null
  /** The boot of the machine that is now (`boot.ts`). */
  readonly boot: string
}

/** What the slot's record says of the state of the process before. */
export type Verdict = 'new' | 'whole' | 'torn' | 'broken'

const LOCK_SETTINGS: EngineSettings = {
  cacheBytes: 64 * 1024,
  writeBufferBytes: 64 * 1024,
  blockBytes: 4096,
  openFilesMax: 32,
  compression: false,
}

/**
 * The slots this process holds. LevelDB would let go of its lock when the process that holds it
 * tries to take it again, so it must not try. Shared by all copies of the package.
 */
const HELD_KEY = Symbol.for('@millrace/rocksdb/held')
const shared = globalThis as { [HELD_KEY]?: Set<string> }
shared[HELD_KEY] ??= new Set()
const HELD: Set<string> = shared[HELD_KEY]

/** @throws STATE_LOCKED, STATE_UNUSABLE, STATE_CORRUPT, FORMAT_UNKNOWN */
export async function takeSlot(place: SlotPlace): Promise<Slot> {
  const parent = await folderAt(join(place.folder, folderName(place.applicationId)))
  if (place.number !== null) {
    const slot = await tryToTake(place, parent, place.number)
    if (slot !== null) return slot
    throw locked(`slot ${place.number} of ${parent} is held by another run`)
  }
  for (let number = 0; number < SLOTS_MAX; number++) {
    const slot = await tryToTake(place, parent, number)
    if (slot !== null) return slot
  }
  throw locked(`all ${SLOTS_MAX} slots of ${parent} are held by other runs`)
}

/** Null: somebody holds it. */
async function tryToTake(place: SlotPlace, parent: string, number: number): Promise<Slot | null> {
  const { engine } = place
  const folder = join(parent, String(number))
  const lockFolder = join(folder, `${engine.name}.lock`)
  if (HELD.has(lockFolder)) return null
  HELD.add(lockFolder)
  try {
    await folderAt(lockFolder)
    const lock = await engine.open(lockFolder, LOCK_SETTINGS)
    const free = async (): Promise<void> => {
      await lock.close()
      HELD.delete(lockFolder)
    }
    try {
      const record = await recordOf(lock, place, lockFolder)
      return new Slot(place, join(folder, engine.name), number, { lock, record, free })
    } catch (error) {
      await free()
      throw error
    }
  } catch (error) {
    HELD.delete(lockFolder)
    if (isLocked(error)) return null
    throw stateError(error, lockFolder)
  }
}

/** Null: a slot that was just made. @throws STATE_UNUSABLE when the database is not one of ours. */
async function recordOf(
  lock: Database,
  { applicationId }: SlotPlace,
  folder: string,
): Promise<SlotRecord | null> {
  const [bytes] = await lock.getMany([RECORD_KEY])
  if (bytes === undefined) {
    if ((await lock.scan(FIRST_KEY, END_KEY, 1)).length === 0) return null
    throw notOurs(folder, 'a database that Millrace did not make')
  }
  const record = readSlotRecord(bytes, folder)
  if (record.applicationId === applicationId) return record
  // File systems that ignore case give two applications one folder.
  throw notOurs(folder, `state of the application ${JSON.stringify(record.applicationId)}`)
}

interface Held {
  readonly lock: Database
  readonly record: SlotRecord | null
  readonly free: () => Promise<void>
}

export class Slot {
  readonly number: number
  /** Of the state. */
  readonly folder: string
  readonly id: string
  readonly verdict: Verdict
  readonly #place: SlotPlace
  readonly #held: Held

  constructor(place: SlotPlace, folder: string, number: number, held: Held) {
    this.#place = place
    this.#held = held
    this.folder = folder
    this.number = number
    this.id = held.record?.id ?? randomBytes(6).toString('hex')
    this.verdict = verdictOf(held.record, place.boot)
  }

  /** Unlike any other process has, here or elsewhere; the same after a restart. */
  get name(): string {
    return `${this.number}-${this.id}`
  }

  /** On the disk when it resolves. */
  async note({ isWhole, isBroken }: Pick<SlotRecord, 'isWhole' | 'isBroken'>): Promise<void> {
    const { applicationId, boot } = this.#place
    const record = writeSlotRecord({ applicationId, id: this.id, boot, isWhole, isBroken })
    await this.#held.lock.write([{ type: 'put', key: RECORD_KEY, value: record }], true)
  }

  /** Gives the slot up. */
  free(): Promise<void> {
    return this.#held.free()
  }
}

function verdictOf(record: SlotRecord | null, boot: string): Verdict {
  if (record === null) return 'new'
  if (record.isBroken) return 'broken'
  return record.isWhole || isSameBoot(record.boot, boot) ? 'whole' : 'torn'
}

/** `.` and `..` are ids, but no folders of their own. */
function folderName(applicationId: string): string {
  return /^\.+$/.test(applicationId) ? applicationId.replaceAll('.', '%2E') : applicationId
}

/** Makes the folder; its one true path, as locks go by it. */
async function folderAt(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true })
    return await realpath(path)
  } catch (error) {
    throw stateError(error, path)
  }
}

function locked(text: string): MillraceError {
  return new MillraceError(
    'STATE_LOCKED',
    `${text}, in this process or another. Leave the option slot out to take the first one that ` +
      'is free, or wait until a run has ended.',
    { retriable: true },
  )
}

function notOurs(folder: string, got: string): MillraceError {
  return new MillraceError(
    'STATE_UNUSABLE',
    `${folder} has ${got}. Name another folder for the state, or another application id.`,
  )
}
