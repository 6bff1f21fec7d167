import { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import type { KeyState, Slot, StateKind } from './key-state.ts'
import type { ProcessOptions } from './process-options.ts'
import { KEY_TYPE } from './record-edit.ts'

const ANY = t.json().nullable()

/**
 * The states of keys as rows, for tests and tools: the columns of the key, then what is kept under
 * each name: a value, an array of items, an array of [key, value].
 */
export function keptStates(
  entries: readonly (readonly [key: string, state: KeyState])[],
  kinds: readonly StateKind[],
  group: ProcessOptions['group'],
): Batch {
  const keys = entries.map(([key]) => Buffer.from(key, 'latin1'))
  const cells = keys.map(key => group?.codec.decode(key) ?? [])
  const names = group?.names ?? []
  const kept = kinds.filter(({ name }) => !names.includes(name))
  return new Batch({
    schema: new Schema(
      [...names, ...kept.map(({ name }) => name)].map(name => ({ name, type: ANY })),
    ),
    columns: [
      ...names.map((_, i) =>
        columnOf(
          ANY,
          cells.map(each => each[i] ?? null),
        ),
      ),
      ...kept.map(kind => {
        const at = kinds.indexOf(kind)
        return columnOf(
          ANY,
          entries.map(([, { slots }]) => shown(kind, slots[at] as Slot)),
        )
      }),
    ],
    rest: null,
    records: {
      topic: '',
      partition: 0,
      keys: columnOf(KEY_TYPE, keys) as BytesColumn,
      timestamps: Float64Array.from(entries, ([, { touched }]) => touched),
      offsets: new Float64Array(entries.length).fill(-1),
      watermarks: new Float64Array(entries.length).fill(Number.NEGATIVE_INFINITY),
      headers: null,
      tombstones: null,
    },
    selection: null,
  })
}

function shown({ kind, keeper, keyKeeper }: StateKind, slot: Slot): CellValue {
  if (kind === 'value')
    return slot.value === undefined ? null : (keeper.give(slot.value) as CellValue)
  if (kind === 'list') return slot.items.map(item => keeper.give(item))
  return [...slot.entries].map(([key, { held }]) => [keyKeeper?.give(key), keeper.give(held)])
}
