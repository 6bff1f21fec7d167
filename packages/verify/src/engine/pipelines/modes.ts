/**
 * The ways of running a pipeline that must not matter, and which of them a pipeline is run in.
 *
 * Clear version: all 48 of {1, 7, 1024 records a batch} × {generated, interpreted} × {rules, none}
 * × {memory, RocksDB} × {straight, crash}. That would take eight times as long, so each pipeline
 * has six of them, in which any two choices of different dimensions meet: for each size of batch a
 * row of CHOICES and its opposite. Every seed turns the choices another way, so 16 seeds in a row
 * have all 48. What stands beside them (order of reading, live or to the end, room in memory) is
 * random.
 */
import { Random } from '../../random.ts'

export interface Mode {
  readonly batchRecordsMax: number
  readonly rules: boolean
  /** False: expressions are interpreted. */
  readonly generated: boolean
  readonly state: 'memory' | 'rocksdb'
  /** True: killed at a step of a checkpoint that the seed says, and started again. */
  readonly isCrashing: boolean
  readonly order: string
  /** True: records come in by and by and silence closes the windows; else read to the end. */
  readonly isLive: boolean
  /** Memory holds state no longer than it must: each batch is an epoch, read from the space. */
  readonly isShort: boolean
}

const BATCHES: readonly number[] = [1, 7, 1024]
const ORDERS = ['random', 'one by one', 'behind first', 'behind last']

/**
 * Per size of batch: generated, rules, memory, straight. No two columns are equal or opposite, so
 * with the opposite of each row any two of them take all four pairs.
 */
const CHOICES: readonly (readonly boolean[])[] = [
  [true, true, true, true],
  [true, true, false, false],
  [true, false, true, false],
]

/** Of each pipeline. */
export const MODES = 6

/** The six modes of a pipeline. */
export function modesOf(seed: number, partitions: number): Mode[] {
  const orders = partitions === 1 ? ['random'] : ORDERS
  return BATCHES.flatMap((batchRecordsMax, b) =>
    [false, true].map((isOpposite, o): Mode => {
      const choice = (c: number): boolean => {
        const isTurned = ((seed >> c) & 1) === 1
        return ((CHOICES[b] as readonly boolean[])[c] !== isOpposite) !== isTurned
      }
      const random = new Random(seed * MODES + b * 2 + o)
      return {
        batchRecordsMax,
        generated: choice(0),
        rules: choice(1),
        state: choice(2) ? 'memory' : 'rocksdb',
        isCrashing: !choice(3),
        order: random.pick(orders),
        isLive: random.chance(0.3),
        isShort: random.chance(0.5),
      }
    }),
  )
}

export function modeName(mode: Mode): string {
  return [
    mode.generated ? 'generated' : 'interpreted',
    mode.rules ? 'rules' : 'no rules',
    `batch ${mode.batchRecordsMax}`,
    mode.state,
    mode.isCrashing ? 'crash' : 'straight',
    mode.order,
    mode.isLive ? 'live' : 'to the end',
    mode.isShort ? 'short of memory' : 'all in memory',
  ].join(', ')
}
