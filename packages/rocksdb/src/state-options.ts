/**
 * The options of state on disk: what a user may set, what we set, what is refused.
 *
 * One number, `memoryBytes`, gives the sizes that matter: half of it is the cache of what is read,
 * half are the two buffers of what is written (one fills while the other goes to the disk).
 */
import { didYouMean, MillraceError } from '@millrace/core'
import type { EngineSettings } from './engine.ts'

export interface StateOptions {
  /**
   * Memory for cache and write buffers together, at least 1 MiB; indexes and filters of files come
   * on top, about 2 bytes a key. Default: a sixth of the application's `stateBytesMax`; set here,
   * it is taken beside that.
   */
  readonly memoryBytes?: number
  /** Cache of blocks that were read; 0 = none. Default: half of `memoryBytes`. */
  readonly cacheBytes?: number
  /** What is written before it goes to a file; two at most. Default: a quarter of `memoryBytes`. */
  readonly writeBufferBytes?: number
  /** Size of the blocks that are read and cached. Default 4 KiB. */
  readonly blockBytes?: number
  /** Files open at a time. Default 512. */
  readonly openFilesMax?: number
  /** Blocks are compressed by Snappy. Default true. */
  readonly compression?: boolean
  /**
   * Each epoch waits until the disk has it. Nothing is lost without: state that a loss of power may
   * have hurt is recognised and made again. Default false.
   */
  readonly fsync?: boolean
  /**
   * The slot to take, from 0, for processes that have numbers of their own; a slot that is held is
   * STATE_LOCKED. Default: the first one that is free.
   */
  readonly slot?: number
}

export interface StateSettings extends EngineSettings {
  readonly fsync: boolean
  /** Null: the first one that is free. */
  readonly slot: number | null
}

const MIB = 1024 * 1024
const KIB = 1024
const SHARE_DEFAULT = 64 * MIB
/** The databases take these sizes as 32 bits. */
const BYTES_MAX = 2 ** 32 - 1
export const SLOTS_MAX = 256

type Bounds = readonly [least: number, most: number]

const NUMBERS: Readonly<Record<string, Bounds>> = {
  memoryBytes: [MIB, 2 * BYTES_MAX],
  cacheBytes: [0, BYTES_MAX],
  writeBufferBytes: [64 * KIB, BYTES_MAX],
  blockBytes: [KIB, MIB],
  openFilesMax: [32, 1_000_000],
  slot: [0, SLOTS_MAX - 1],
}
const FLAGS = ['compression', 'fsync']
const NAMES = [...Object.keys(NUMBERS), ...FLAGS]

/**
 * @param maker the function the user called, for the message.
 * @param share what may be taken of memory where the user has not said.
 * @throws INVALID_ARGUMENT
 */
export function stateSettings(
  maker: string,
  options: StateOptions,
  share: number = SHARE_DEFAULT,
): StateSettings {
  if (typeof options !== 'object' || options === null) {
    throw invalid(maker, `options are an object; got ${shown(options)}.`)
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) check(maker, name, value)
  const { memoryBytes = Math.max(MIB, share), slot = null } = options
  const half = Math.min(BYTES_MAX, Math.floor(memoryBytes / 2))
  return {
    cacheBytes: options.cacheBytes ?? half,
    writeBufferBytes: options.writeBufferBytes ?? Math.floor(half / 2),
    blockBytes: options.blockBytes ?? 4 * KIB,
    openFilesMax: options.openFilesMax ?? 512,
    compression: options.compression ?? true,
    fsync: options.fsync ?? false,
    slot,
  }
}

function check(maker: string, name: string, value: unknown): void {
  const bounds = Object.hasOwn(NUMBERS, name) ? (NUMBERS[name] as Bounds) : null
  if (bounds === null && !FLAGS.includes(name)) {
    const advice = didYouMean(name, NAMES)
    throw invalid(maker, `there is no option ${JSON.stringify(name)}.${advice}`)
  }
  if (bounds === null) {
    if (typeof value !== 'boolean')
      throw invalid(maker, `${name} is true or false, not ${shown(value)}.`)
    return
  }
  const [least, most] = bounds
  const fits =
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
  if (!fits) {
    throw invalid(maker, `${name} is a whole number from ${least} to ${most}, not ${shown(value)}.`)
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function invalid(maker: string, text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `${maker}: ${text}`)
}
