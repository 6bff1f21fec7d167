/**
 * Opens the state of a slot: what is there if it can be trusted, else new state in its place.
 *
 * Called with the slot held. State that can't be trusted is thrown away only where it can be made
 * again; the log has a line for it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { MillraceError, type StateContext } from '@millrace/core'
import type { Database, Engine } from './engine.ts'
import { readStateRecord, writeStateRecord } from './records.ts'
import type { Slot, Verdict } from './slot.ts'
import { stateError } from './state-error.ts'
import { END_KEY, FIRST_KEY, RECORD_KEY } from './state-keys.ts'
import type { StateSettings } from './state-options.ts'

const DOUBTS: Readonly<Record<Verdict, string | null>> = {
  new: null,
  whole: null,
  torn: 'the machine went down while it was written',
  broken: 'damage was found in it when it was read',
}

const DATA = /\.(log|sst|ldb)$/

/** @throws STATE_UNUSABLE, STATE_CORRUPT, FORMAT_UNKNOWN */
export async function openState(
  slot: Slot,
  engine: Engine,
  settings: StateSettings,
  context: StateContext,
): Promise<Database> {
  const doubt = DOUBTS[slot.verdict]
  if (doubt !== null) await discard(slot, doubt, context)
  try {
    return await openTrusted(slot, engine, settings)
  } catch (cause) {
    const error = stateError(cause, slot.folder)
    if (error.code !== 'STATE_CORRUPT') throw error
    await discard(slot, error.text, context)
    return await openTrusted(slot, engine, settings)
  }
}

async function openTrusted(slot: Slot, engine: Engine, settings: StateSettings): Promise<Database> {
  const { folder } = slot
  let database: Database | null = null
  try {
    await mkdir(folder, { recursive: true })
    await checkFiles(folder)
    database = await engine.open(folder, settings)
    await checkRecord(database, slot)
    await slot.note({ isWhole: settings.fsync, isBroken: false })
    return database
  } catch (error) {
    await database?.close()
    throw stateError(error, folder)
  }
}

/**
 * Without CURRENT both databases begin anew, with what they find in their logs: a part of the state
 * that looks like all of it.
 */
async function checkFiles(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.includes('CURRENT') || !names.some(name => DATA.test(name))) return
  throw corrupt(folder, 'the file CURRENT is gone')
}

/** New state gets its record; other state must have that of this slot. */
async function checkRecord(database: Database, slot: Slot): Promise<void> {
  const { folder, id } = slot
  const [bytes] = await database.getMany([RECORD_KEY])
  if (bytes !== undefined) {
    if (readStateRecord(bytes, folder) !== id) throw corrupt(folder, 'it is that of another slot')
    return
  }
  const isNew = (await database.scan(FIRST_KEY, END_KEY, 1)).length === 0
  if (!isNew) throw corrupt(folder, 'its record is gone')
  await database.write([{ type: 'put', key: RECORD_KEY, value: writeStateRecord(id) }], true)
}

async function discard(slot: Slot, doubt: string, context: StateContext): Promise<void> {
  const { folder } = slot
  if (!context.canRebuild) throw corrupt(folder, doubt)
  context.log.warn({ folder, doubt }, 'local state is thrown away and made again')
  await rm(folder, { recursive: true, force: true })
}

function corrupt(folder: string, doubt: string): MillraceError {
  return new MillraceError(
    'STATE_CORRUPT',
    `the state in ${folder} can't be trusted: ${doubt}. Delete that folder; the state is made ` +
      'again from the input.',
  )
}
