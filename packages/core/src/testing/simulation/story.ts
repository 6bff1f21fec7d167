/**
 * What a story is told of: everything that its seed decides before it begins. Two stories that are
 * equal here go the same way, to the byte.
 */
import type { Logger } from '../../runtime/logger.ts'
import { Chance } from './chance.ts'
import { PACES, type PaceName } from './pace.ts'
import type { Planted } from './planted/planted.ts'
import { PROGRAMS, programOf } from './programs/index.ts'

export const PLACES = ['a', 'b', 'c'] as const
export type Place = (typeof PLACES)[number]

export interface Story {
  readonly seed: number
  readonly program: string
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly state: 'memory' | 'disk'
  /** What the clock decides: nothing, or that silence lasts and windows close. */
  readonly silence: 'none' | 'decided'
  readonly pace: PaceName
  /** How many processes there may be. */
  readonly processes: 1 | 2 | 3
  readonly batchRecordsMax: number
  /** Bytes for live state; what does not fit is read when it is needed. */
  readonly stateBytesMax: number
  /** How many things happen. */
  readonly steps: number
  /** Names of what may happen beside input, time and starts. Missing: everything. */
  readonly accidents?: readonly string[]
}

/** The story of a seed; `changes` is what is told otherwise. */
export function storyOf(seed: number, changes: Partial<Story> = {}): Story {
  const chance = new Chance(seed)
  const program = changes.program ?? (PROGRAMS[seed % PROGRAMS.length]?.name as string)
  const drawn: Story = {
    seed,
    program,
    guarantee: chance.pick(['at-least-once', 'exactly-once'] as const),
    state: chance.pick(['memory', 'disk', 'disk'] as const),
    silence: chance.pick(['none', 'decided'] as const),
    pace: chance.pick(Object.keys(PACES) as PaceName[]),
    processes: chance.pick([1, 2, 2, 3] as const),
    batchRecordsMax: 1 + chance.below(8),
    stateBytesMax: chance.pick([300, 2_000, 1_000_000]),
    steps: 30 + chance.below(50),
    ...changes,
  }
  return programOf(program).knowsSilence ? drawn : { ...drawn, silence: 'none' }
}

export interface Told {
  readonly story: Story
  /** What is wrong, a line each; none = all is right. */
  readonly wrong: readonly string[]
  /** What happened, a line each. */
  readonly happened: readonly string[]
  /** Every record in every topic, to tell one course of things from another. */
  readonly logs: () => string
}

export interface TellOptions {
  /** Planted in every process, to see that it is found. */
  readonly bug?: Planted | null
  /** Where the applications log. Default: nowhere. */
  readonly log?: Logger
}
