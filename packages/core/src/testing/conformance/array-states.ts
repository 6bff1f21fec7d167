/**
 * The exam of states in arrays (`Aggregator.inArrays`): whatever is added and merged, in many
 * groups at once and one after the other in one slot, they give what the aggregator gives, and have
 * the same stored form.
 */
import type { Aggregator, ArrayStates } from '../../aggregate/aggregator.ts'
import type { States } from '../../aggregate/states.ts'
import type { CellValue, Column } from '../../batch/column.ts'
import { columnOf } from '../../batch/column-builder.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import { resultOrRefusal } from './refusal.ts'
import { below, seededRandom } from './seeded-random.ts'
import type { TestHooks } from './test-hooks.ts'

type Value = Exclude<CellValue, null>

const ROUNDS = 60
const SLOTS = 3
const ACTS = 12
/** Of a function that gives its results as another type. */
const ANY = t.json().nullable()

export interface ArraysExam {
  readonly machine: Aggregator
  readonly input: DataType | null
  readonly samples: readonly Value[]
  /** Of the results. */
  readonly type: DataType
}

export function testArrayStates({ test, expect }: TestHooks, exam: ArraysExam): void {
  const { machine, type } = exam
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
        const slots = Int32Array.of(2, 0, 0, 1)
        for (const each of [type, ANY]) {
          expect(resultOrRefusal(() => cellsAt(inArrays, states, slots, each))).toEqual(
            resultOrRefusal(() => cellsOf(columnOf(each, resultsAt(inArrays, states, slots)))),
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
  exam: ArraysExam,
  states: States,
  plain: unknown[],
  newStates: () => States,
): void {
  const { machine, samples } = exam
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
      addMany(random, exam, states, plain)
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
  const column = input === null ? null : columnOf(input.nullable(), cells)
  states.addAll(slots, indices, count, column)
  for (let i = 0; i < count; i++) {
    const cell = cells[indices[i] as number] as CellValue
    const slot = slots[i] as number
    if (cell !== null) plain[slot] = machine.add(plain[slot], cell)
  }
}

function resultsAt(inArrays: ArrayStates, states: States, slots: Int32Array): CellValue[] {
  return Array.from(slots, slot => inArrays.result(states, slot))
}

/** The results as the cells of one column, where there is a way to it. */
function cellsAt(
  inArrays: ArrayStates,
  states: States,
  slots: Int32Array,
  type: DataType,
): CellValue[] {
  const column = inArrays.results?.(states, slots, type)
  return cellsOf(column ?? columnOf(type, resultsAt(inArrays, states, slots)))
}

function cellsOf(column: Column): CellValue[] {
  return Array.from({ length: column.length }, (_, i) => column.get(i))
}

function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter()
  write(out)
  return out.copy()
}
