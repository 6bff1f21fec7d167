/**
 * Generated records: rows of a program's columns with what real topics hold besides (tombstones,
 * text that is no JSON, wrong types, keys missing or other than the value says, records out of
 * order and late), spread over partitions of which the last is an hour of event time behind.
 */

import { Random } from '../../random.ts'
import { type Cell, type Column, cellJson, EPOCH, fieldJson, randomCell } from './cell.ts'
import { KEY_COLUMN, type Program } from './program.ts'

export interface InputRecord {
  readonly key: Buffer | null
  /** The bytes of the value; null = a tombstone. */
  readonly value: Buffer | null
  /** What the value says; null = it is no row, or a tombstone. */
  readonly row: ReadonlyMap<string, Cell> | null
  readonly timestamp: number
  /** Where it is, `partition:offset`; also a header of it. */
  readonly origin: string
}

/** Records by partition, in the order of their offsets. */
export type Input = readonly (readonly InputRecord[])[]

const RECORDS = 40
const BEHIND_MS = 3_600_000
const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'ключ', '']

/** Records of equal keys are in one partition. */
export function randomInput(program: Program, partitions: number): Input {
  const random = new Random(program.seed ^ 0x5eed)
  const input: InputRecord[][] = Array.from({ length: partitions }, () => [])
  const clocks = input.map(
    (_, p) => EPOCH - (partitions > 1 && p === partitions - 1 ? BEHIND_MS : 0),
  )
  for (let i = 0; i < RECORDS; i++) {
    const isKeyless = random.chance(program.keyColumn === 'none' ? 0.1 : 0.03)
    const key = isKeyless ? null : random.pick(KEYS)
    const partition = key === null ? random.int(0, partitions - 1) : KEYS.indexOf(key) % partitions
    const clock = (clocks[partition] as number) + random.int(0, random.chance(0.1) ? 4_000 : 600)
    clocks[partition] = clock
    const time = random.chance(0.3) ? clock - random.int(0, 6_000) : clock
    const records = input[partition] as InputRecord[]
    records.push(
      randomRecord(random, program, { key, time, origin: `${partition}:${records.length}` }),
    )
  }
  return input
}

interface Place {
  readonly key: string | null
  readonly time: number
  readonly origin: string
}

function randomRecord(random: Random, program: Program, { key, time, origin }: Place): InputRecord {
  const keyBytes = key === null ? null : Buffer.from(key)
  const timestamp = program.timestamp === null ? time : EPOCH + random.int(0, 1_000)
  const record = { key: keyBytes, timestamp, origin }
  if (random.chance(0.05)) return { ...record, value: null, row: null }
  const cells = program.columns.map((column): [Column, Cell] => {
    if (column.name === KEY_COLUMN && program.keyColumn === 'value') return [column, key ?? 'k0']
    const isTime = column.name === program.timestamp
    if (isTime && !(column.isNullable && random.chance(0.1))) return [column, time]
    return [column, randomCell(random, column)]
  })
  if (random.chance(0.06)) return { ...record, value: badValue(random, cells), row: null }
  if (program.keyColumn === 'value' && random.chance(0.03)) {
    const others = cells.map(([column, cell]): [Column, Cell] => {
      return column.name === KEY_COLUMN ? [column, `not ${key}`] : [column, cell]
    })
    return { ...record, value: goodValue(random, others), row: null }
  }
  const isKeyed = key !== null || program.keyColumn === 'none'
  return { ...record, value: goodValue(random, cells), row: isKeyed ? new Map(named(cells)) : null }
}

function named(cells: readonly (readonly [Column, Cell])[]): [string, Cell][] {
  return cells.map(([{ name }, cell]) => [name, cell])
}

function goodValue(random: Random, cells: readonly (readonly [Column, Cell])[]): Buffer {
  const fields = cells.flatMap(([column, cell]) => {
    if (cell === null && random.chance(0.3)) return [] // a column left out is null
    const text = field(column, cell, random)
    // The last of equal names counts.
    return random.chance(0.05) ? [`${JSON.stringify(column.name)}:null`, text] : [text]
  })
  const more = random.chance(0.2) ? ['"not declared":{"a":[1]}'] : []
  return Buffer.from(`{${random.shuffled(more).concat(fields).join(',')}}`)
}

function field(column: Column, cell: Cell, random: Random): string {
  const isText = column.kind === 'timestamp' && cell !== null && random.chance(0.3)
  if (column.kind === 'struct' && cell !== null) {
    return `${JSON.stringify(column.name)}:${structText(cell as object, random)}`
  }
  const isDigits = column.kind === 'decimal' && cell !== null && random.chance(0.7)
  const text = isText
    ? JSON.stringify(new Date(cell as number).toISOString())
    : isDigits
      ? String(cell)
      : cellJson(column.kind, cell)
  return `${JSON.stringify(column.name)}:${text}`
}

/** Fields in any order, some that are null left out, some with one that is not declared. */
function structText(cell: object, random: Random): string {
  const fields = Object.entries(cell).flatMap(([name, part]) =>
    part === null && random.chance(0.5) ? [] : [fieldJson(name, part)],
  )
  const more = random.chance(0.2) ? ['"not declared":{"n":1}'] : []
  return `{${random.shuffled([...fields, ...more]).join(',')}}`
}

/** A value that is not a row of the schema. */
function badValue(random: Random, cells: readonly (readonly [Column, Cell])[]): Buffer {
  const fields = cells.map(([column, cell]) => field(column, cell, random))
  const wrong = cells.findIndex(([{ kind }]) => kind !== 'json' && kind !== 'list')
  if (wrong >= 0 && random.chance(0.5)) {
    const [{ name }] = cells[wrong] as readonly [Column, Cell]
    fields[wrong] = `${JSON.stringify(name)}:[]`
    return Buffer.from(`{${fields.join(',')}}`)
  }
  const texts = [`{${fields.join(',')}`, '[1]', '', 'null'].map(text => Buffer.from(text))
  return random.pick([...texts, Buffer.of(0xff)])
}
