/**
 * The exam of states in arrays (`Aggregator.inArrays`): whatever is added and merged, in many
 * groups at once and one after the other in one slot, they give what the aggregator gives, and have
 * the same stored form.
 */
import type { Aggregator } from '../../aggregate/aggregator.ts'
import type { States } from '../../aggregate/states.ts'
import type { CellValue, Column } from '../../batch/column.ts'
import { columnBuilder } from '../../batch/column-builder.ts'
import type { DataType } from '../../schema/data-type.ts'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { resultOrRefusal } from './refusal.ts'
import { below, seededRandom } from './seeded-random.ts'
import type { TestHooks } from './test-hooks.ts'

type Value = Exclude<CellValue, null>

const ROUNDS = 60
const SLOTS = 3
const ACTS = 12

export interface ArraysExam {
  readonly machine: Aggregator
  readonly input: DataType | null
  readonly samples: readonly Value[]
}

export function testArrayStates({ test, expect }: TestHooks, exam: ArraysExam): void {
  const { machine } = exam
  const { inArrays } = machine
  if (inArrays === undefined) return
  const newStates = (): States => {
    const states = inArrays.make() as States
    states.resize(SLOTS)
    for (let slot = 0; slot < SLOTS; slot++) states.init(slot)
    return states
  }

  test('gives the same in arrays', () => {
    const random = seededRandom(2)
    for (let round = 0; round < ROUNDS; round++) {
      const states = newStates()
      const plain: unknown[] = Array.from({ length: SLOTS }, () => machine.init())
      for (let act = 0; act < ACTS; act++) {
        actOnce(random, exam, states, plain, newStates)
        for (const [slot, state] of plain.entries()) {
          expect(resultOrRefusal(() => inArrays.result(states, slot))).toEqual(
            resultOrRefusal(() => machine.result(state)),
          )
        }
      }
      for (const [slot, state] of plain.entries()) {
        const bytes = written(out => states.write(slot, out))
        // What two ways of adding leave may be stored differently; it means the same.
        const back = machine.read(new ByteReader(bytes, 'state'))
        expect(resultOrRefusal(() => machine.result(back))).toEqual(
          resultOrRefusal(() => machine.result(state)),
        )
      }
    }
  })
}

function actOnce(
  random: () => number,
  { machine, input, samples }: ArraysExam,
  states: States,
  plain: unknown[],
  newStates: () => States,
): void {
  const slot = below(random, SLOTS)
  const draw = (): Value => samples[below(random, samples.length)] as Value
  switch (below(random, 6)) {
    case 0: {
      states.clear(slot)
      states.init(slot)
      plain[slot] = machine.init()
      return
    }
    case 1: {
      const value = draw()
      states.add(slot, value)
      plain[slot] = machine.add(plain[slot], value)
      return
    }
    case 2: {
      const value = draw()
      const other = newStates()
      other.add(1, value)
      states.merge(slot, other, 1)
      plain[slot] = machine.merge(plain[slot], machine.add(machine.init(), value))
      return
    }
    case 3: {
      const bytes = written(out => states.write(slot, out))
      states.clear(slot)
      states.init(slot)
      states.read(slot, new ByteReader(bytes, 'state'))
      return
    }
    default:
      addMany(random, { machine, input, samples }, states, plain)
  }
}

/** A column with nulls in it, its cells in any order, several to a slot. */
function addMany(
  random: () => number,
  { machine, input, samples }: ArraysExam,
  states: States,
  plain: unknown[],
): void {
  const cells = Array.from({ length: 8 }, () =>
    below(random, 5) === 0 && input !== null
      ? null
      : (samples[below(random, samples.length)] as Value),
  )
  const slots = Int32Array.from(cells, () => below(random, SLOTS))
  const indices = Int32Array.from(cells, () => below(random, cells.length))
  const count = below(random, cells.length + 1)
  states.addAll(slots, indices, count, columnOf(input, cells))
  for (let i = 0; i < count; i++) {
    const cell = cells[indices[i] as number] as CellValue
    const slot = slots[i] as number
    if (cell !== null) plain[slot] = machine.add(plain[slot], cell)
  }
}

function columnOf(input: DataType | null, cells: readonly CellValue[]): Column | null {
  if (input === null) return null
  const builder = columnBuilder(input.nullable())
  for (const cell of cells) builder.append(cell)
  return builder.build()
}

function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter()
  write(out)
  return out.copy()
}
