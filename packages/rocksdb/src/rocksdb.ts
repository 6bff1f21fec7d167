/**
 * What users call: `rocksdb('./state')` and `classicLevel('./state')`.
 *
 * Both check their options at the user's line and open nothing. A run makes its backend from them,
 * and only then is a database loaded, a slot taken, a file written.
 */
import {
  MillraceError,
  type StateBackend,
  type StateBackendFactory,
  type StateContext,
} from '@millrace/core'
import { bootOf } from './boot.ts'
import { type Choice, chooseClassicLevel, chooseEngine } from './choose-engine.ts'
import { DiskBackend } from './disk-backend.ts'
import { openState } from './open-state.ts'
import { takeSlot } from './slot.ts'
import { type StateOptions, stateSettings } from './state-options.ts'

/**
 * State in RocksDB, in a folder of a local disk.
 *
 * Processes with one application id may share the folder: each takes a slot in it, which gives it
 * files of its own and a name that lasts. What is committed survives the end of the process,
 * however it ends. On machines that RocksDB has no binary for (linux on arm64), LevelDB is used.
 *
 * @throws INVALID_ARGUMENT at this line for an option that is unknown or out of bounds
 * @example
 * const app = new Application({ id: 'shop-totals', broker, state: rocksdb('./state') })
 */
export function rocksdb(folder: string, options: StateOptions = {}): StateBackendFactory {
  return diskState('rocksdb', folder, options, { choose: chooseEngine, boot: bootOf })
}

/**
 * State in LevelDB on every machine; otherwise as `rocksdb`. Slower with large state.
 *
 * @throws INVALID_ARGUMENT at this line for an option that is unknown or out of bounds
 */
export function classicLevel(folder: string, options: StateOptions = {}): StateBackendFactory {
  return diskState('classicLevel', folder, options, { choose: chooseClassicLevel, boot: bootOf })
}

/** What tests replace. */
export interface Machine {
  readonly choose: () => Choice
  readonly boot: () => string
}

/** @param maker the function the user called. */
export function diskState(
  maker: string,
  folder: string,
  options: StateOptions,
  machine: Machine,
): StateBackendFactory {
  if (typeof folder !== 'string' || folder.trim() === '') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${maker}: the first argument is the folder of the state, for example './state'; got ` +
        `${JSON.stringify(folder)}.`,
    )
  }
  stateSettings(maker, options)
  return {
    async create(context: StateContext): Promise<StateBackend> {
      const { applicationId, log, memoryBytes } = context
      const settings = stateSettings(maker, options, memoryBytes)
      const { engine, reason } = machine.choose()
      if (reason !== null) log.info({ reason }, `state is kept by ${engine.name}`)
      const boot = machine.boot()
      const slot = await takeSlot({ folder, applicationId, engine, number: settings.slot, boot })
      try {
        const database = await openState(slot, engine, settings, context)
        log.info({ slot: slot.name, folder: slot.folder }, 'state opened')
        return new DiskBackend({ name: engine.name, slot, database, isSynced: settings.fsync, log })
      } catch (error) {
        await slot.free()
        throw error
      }
    },
  }
}
