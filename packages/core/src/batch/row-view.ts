/**
 * What functions are shown that read their row by names alone: one object per batch that is moved
 * from record to record and reads a column when it is asked for.
 *
 * It never leaves the function (`expr/function-reads.ts` sees to that), so nobody can tell it from
 * a plain row, and no cell is read that the function does not ask for. Where code is not generated,
 * functions get plain rows.
 */
import { generatedFunction } from '../util/generated-function.ts'
import type { Batch } from './batch.ts'
import {
  BooleanColumn,
  BytesColumn,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
} from './column.ts'
import { type Row, rowsOf } from './row.ts'

/** Binds to the columns of a batch, then gives the row at an index. */
export type RowReader = (batch: Batch) => (index: number) => Row

type ViewFactory = (columns: readonly Column[], batch: Batch) => (index: number) => Row

/** @param reads the only names that are read; null = any, so a plain row of its own. */
export function rowReader(reads: readonly string[] | null): RowReader {
  if (reads === null) return rowsOf
  const factories = new Map<string, ViewFactory | null>()
  return batch => {
    const columns = reads.map(name => batch.columns[batch.schema.indexOf(name)])
    const places = columns.map(column => (column === undefined ? 'none' : placeOf(column)))
    const key = `${batch.rest !== null} ${places}`
    let factory = factories.get(key)
    if (factory === undefined) {
      factory = viewFactory(reads, places, batch.rest !== null)
      factories.set(key, factory)
    }
    return factory === null ? rowsOf(batch) : factory(columns as Column[], batch)
  }
}

type Place = 'number' | 'number64' | 'bigint' | 'boolean' | 'bytes' | 'cell' | 'none'

function placeOf(column: Column): Place {
  if (column instanceof Float64Column || column instanceof Int32Column) return 'number'
  if (column instanceof Int64Column) {
    return column.type.kind === 'int64' && column.type.as === 'bigint' ? 'bigint' : 'number64'
  }
  if (column instanceof BooleanColumn) return 'boolean'
  return column instanceof BytesColumn ? 'bytes' : 'cell'
}

/**
 * A class with a getter per name, made once, and how it is bound to a batch. Each getter is code
 * of its own, so it knows its one kind of column.
 */
function viewFactory(
  reads: readonly string[],
  places: readonly Place[],
  isOpen: boolean,
): ViewFactory | null {
  const members = reads.map((name, c) =>
    member(JSON.stringify(name), c, places[c] as Place, isOpen),
  )
  const fields = reads.map((_, c) => `#c${c}; #v${c}; #n${c}; #b${c} = -1; #k${c} = null;`)
  const binds = reads.map((_, c) => {
    const place = places[c] as Place
    if (place === 'none') return ''
    return `this.#c${c} = columns[${c}]; this.#n${c} = columns[${c}].validity; ${VALUES[place](c)}`
  })
  const body = `
    class View {
      #i = 0; #rest;
      ${fields.join('\n')}
      constructor(columns, batch) { this.#rest = batch.rest; ${binds.join('\n')} }
      ${members.join('\n')}
      static at(view, index) { view.#i = index; return view }
    }
    const { at } = View
    return (columns, batch) => {
      const view = new View(columns, batch)
      return index => at(view, index)
    }`
  return generatedFunction<() => ViewFactory>([], body)?.() ?? null
}

const none = (): string => ''
const VALUES: Readonly<Record<Place, (column: number) => string>> = {
  number: c => `this.#v${c} = columns[${c}].values;`,
  number64: c => `this.#v${c} = columns[${c}].words;`,
  bigint: c => `this.#v${c} = columns[${c}].values;`,
  boolean: c => `this.#v${c} = columns[${c}].bits;`,
  bytes: none,
  cell: none,
  none,
}

function member(name: string, c: number, place: Place, isOpen: boolean): string {
  if (place === 'none') return isOpen ? undeclared(name) : ''
  const present: Readonly<Record<Exclude<Place, 'none'>, string>> = {
    number: `this.#v${c}[i]`,
    number64: `this.#v${c}[2 * i + 1] * 4294967296 + (this.#v${c}[2 * i] >>> 0)`,
    bigint: `this.#v${c}[i]`,
    boolean: `(this.#v${c}[i >>> 3] >>> (i & 7) & 1) === 1`,
    // A row's bytes are one object, however often they are read.
    bytes: `this.#b${c} === i ? this.#k${c} : (this.#b${c} = i, this.#k${c} = this.#c${c}.get(i))`,
    cell: `this.#c${c}.get(i)`,
  }
  const isNull =
    place === 'cell' ? '' : `if (n !== null && (n[i >>> 3] >>> (i & 7) & 1) === 0) return null;`
  return `get [${name}]() {
    const i = this.#i, n = this.#n${c};
    ${isNull}
    return ${present[place]};
  }`
}

/** As a plain row has it: an own, visible property of the record's value, else undefined. */
function undeclared(name: string): string {
  return `get [${name}]() {
    const value = this.#rest.get(this.#i)
    const isThere = typeof value === 'object' && value !== null &&
      Object.prototype.propertyIsEnumerable.call(value, ${name})
    return isThere ? value[${name}] : undefined
  }`
}
