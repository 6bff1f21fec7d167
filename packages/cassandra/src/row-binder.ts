/**
 * Binds the records of a batch to a statement: the way from columns to parameter arrays.
 *
 * No row object is made. What cannot be bound (a null in the key, a value that does not fit) throws
 * an error of the record with its column.
 */
import { type Batch, MillraceError } from '@millrace/core'
import { types } from 'cassandra-driver'
import { cellEncoder, restValue } from './cell-encoder.ts'
import { CqlRefusal } from './cql-refusal.ts'
import { cqlText } from './cql-type.ts'
import { pathOf } from './encode.ts'
import { checkedPlace, inputName } from './fence.ts'
import { Slab } from './slab.ts'
import type { Parameter, Statement } from './statement.ts'
import type { TableSettings } from './table-options.ts'
import type { BoundColumn } from './table-plan.ts'

/** Bytes of a value, null, or `types.unset`: no change. */
export type Bytes = Buffer | null | typeof types.unset

export interface BoundRow {
  readonly params: Bytes[]
  readonly size: number
  readonly key: string
}

/** @param order its write time; where rows have a fence its place in the log */
export type RowBinder = (index: number, order: number) => BoundRow

type Bind = (index: number, order: number) => Bytes

/** Beside its value: what a request spends on each parameter. */
const PARAMETER_BYTES = 4
const UNSET = types.unset

export function rowBinder(
  batch: Batch,
  { parameters }: Statement,
  partitionKey: readonly BoundColumn[],
  settings: TableSettings,
): RowBinder {
  const slab = new Slab()
  const binds = parameters.map(each => bindOf(batch, each, settings, slab))
  const keyAt = partitionKey.map(column => indexOfColumn(parameters, column))
  return (index, order) => {
    const params: Bytes[] = new Array(binds.length)
    let size = 0
    for (let i = 0; i < binds.length; i++) {
      const bytes = (binds[i] as Bind)(index, order)
      params[i] = bytes
      size += PARAMETER_BYTES + ((bytes as Buffer | null)?.length ?? 0)
    }
    return { params, size, key: keyText(params, keyAt) }
  }
}

export function indexOfColumn(parameters: readonly Parameter[], column: BoundColumn): number {
  return parameters.findIndex(each => each.kind === 'column' && each.bound === column)
}

/** Sizes in front where there are several, so that no two keys look alike. */
export function keyText(params: readonly Bytes[], keyAt: readonly number[]): string {
  if (keyAt.length === 1) return (params[keyAt[0] as number] as Buffer).toString('latin1')
  let text = ''
  for (const at of keyAt) {
    const bytes = params[at] as Buffer
    text += `${bytes.length}:${bytes.toString('latin1')}`
  }
  return text
}

function bindOf(batch: Batch, parameter: Parameter, settings: TableSettings, slab: Slab): Bind {
  switch (parameter.kind) {
    case 'column':
      return bindColumn(batch, parameter.bound, settings, slab)
    case 'time':
      return (_, order) => slab.integer(order)
    case 'place':
      return (_, order) => slab.integer(checkedPlace(order))
    case 'input': {
      const bytes = Buffer.from(inputName(batch))
      return () => bytes
    }
    case 'ttl':
      return bindTtl(batch, settings, slab)
  }
}

function bindColumn(
  batch: Batch,
  { from, column, field, type, isKey, op }: BoundColumn,
  { nulls }: TableSettings,
  slab: Slab,
): Bind {
  const encode = cellEncoder(batch, from, type, slab)
  const place = field === null ? column : `${column}.${field}`
  // What is added or taken away is nothing then; there is no value to delete.
  const nullBytes = nulls === 'null' && op === 'set' ? null : UNSET
  const refuses = isKey || nulls === 'refuse'
  return index => {
    let bytes: Buffer | null
    try {
      bytes = encode(index)
    } catch (error) {
      throw valueError(error, from, place, cqlText(type))
    }
    if (bytes !== null) return bytes
    if (refuses) throw nullError(from, place, isKey)
    return nullBytes
  }
}

/** Seconds of a column; null is what the table says. */
function bindTtl(batch: Batch, { ttl }: TableSettings, slab: Slab): Bind {
  if (typeof ttl === 'number') {
    const bytes = slab.int32(ttl)
    return () => bytes
  }
  const name = ttl?.column ?? ''
  const read = numberReader(batch, name)
  return index => {
    const seconds = read(index)
    if (seconds === null) return UNSET
    if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 630_720_000)
      return slab.int32(seconds)
    throw new MillraceError(
      'ENCODE_FAILED',
      `a TTL is a whole number of seconds from 0 to 630720000 (20 years); got ${seconds}.`,
      { field: name },
    )
  }
}

/** A column as number; null where it is null or none. */
export function numberReader(batch: Batch, name: string): (index: number) => number | null {
  const column = batch.columns[batch.schema.indexOf(name)]
  return index => {
    const value = column === undefined ? restValue(batch, name, index) : column.get(index)
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
  }
}

export function valueError(error: unknown, from: string, place: string, type: string): unknown {
  if (!(error instanceof CqlRefusal)) return error
  return new MillraceError(
    error.isOverflow ? 'OVERFLOW' : 'ENCODE_FAILED',
    `${place}${pathOf(error)} of the table (${type}) takes ${error.expected}; got ${error.got}.`,
    { field: from },
  )
}

function nullError(from: string, place: string, isKey: boolean): MillraceError {
  const why = isKey ? 'is part of the primary key' : "may not be null, as nulls: 'refuse' says"
  return new MillraceError('ENCODE_FAILED', `${place} ${why}; the record has null.`, {
    field: from,
  })
}
