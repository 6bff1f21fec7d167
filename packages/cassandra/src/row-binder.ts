/**
 * Binds the records of a batch to a statement: the way from columns to the bytes of a request.
 *
 * No row object is made. What cannot be bound (a null in the key, a value that does not fit) throws
 * an error of the record with its column.
 */
import { type Batch, MillraceError } from '@millrace/core'
import { cellEncoder, restValue } from './cell-encoder.ts'
import { CqlRefusal } from './cql-refusal.ts'
import { cqlText } from './cql-type.ts'
import { pathOf } from './encode.ts'
import { checkedPlace, inputName } from './fence.ts'
import { OutRow, type RowOrigin, type RowOwner } from './out-row.ts'
import type { Slab } from './slab.ts'
import type { Parameter, Statement } from './statement.ts'
import type { TableSettings } from './table-options.ts'
import type { BoundColumn } from './table-plan.ts'

/** @param order its write time; where rows have a fence its place in the log */
export type RowBinder = (index: number, order: number) => OutRow

/** What of the settings tells how values are bound. */
export type BindSettings = Pick<TableSettings, 'nulls' | 'ttl'>

type Bind = (index: number, order: number) => void

/** Times and lengths that a server counts for a cell, and for a row. */
const CELL_WEIGHT = 20

export interface BinderParts {
  readonly batch: Batch
  readonly statement: Statement
  readonly partitionKey: readonly BoundColumn[]
  readonly settings: BindSettings
  readonly slab: Slab
  readonly owner: RowOwner
}

export function rowBinder(parts: BinderParts): RowBinder {
  const { batch, statement, settings, slab } = parts
  const origin = originOf(parts)
  const binds = statement.parameters.map(each => bindOf(batch, each, settings, slab))
  return (index, order) => {
    slab.begin()
    for (let i = 0; i < binds.length; i++) (binds[i] as Bind)(index, order)
    return new OutRow(origin, index, slab)
  }
}

export function originOf({ batch, statement, partitionKey, owner }: BinderParts): RowOrigin {
  const { cql, parameters } = statement
  const keyAt = partitionKey.map(column => indexOfColumn(parameters, column))
  const cells = parameters.filter(each => each.kind === 'column' && !each.bound.isKey)
  return { query: cql, keyAt, weight: CELL_WEIGHT * (1 + cells.length), owner, batch }
}

function indexOfColumn(parameters: readonly Parameter[], column: BoundColumn): number {
  return parameters.findIndex(each => each.kind === 'column' && each.bound === column)
}

function bindOf(batch: Batch, parameter: Parameter, settings: BindSettings, slab: Slab): Bind {
  switch (parameter.kind) {
    case 'column':
      return bindColumn(batch, parameter.bound, settings, slab)
    case 'time':
      return (_, order) => slab.integer(order)
    case 'place':
      return (_, order) => slab.integer(checkedPlace(order))
    case 'input': {
      const bytes = Buffer.from(inputName(batch))
      return () => slab.value(bytes)
    }
    case 'ttl':
      return bindTtl(batch, settings, slab)
  }
}

function bindColumn(
  batch: Batch,
  { from, column, field, type, isKey, op }: BoundColumn,
  { nulls }: BindSettings,
  slab: Slab,
): Bind {
  const encode = cellEncoder(batch, from, type, slab)
  const place = field === null ? column : `${column}.${field}`
  // What is added or taken away is nothing then; there is no value to delete.
  const isDeleted = nulls === 'null' && op === 'set'
  const refuses = isKey || nulls === 'refuse'
  return index => {
    try {
      if (encode(index)) return
    } catch (error) {
      throw valueError(error, from, place, cqlText(type))
    }
    if (refuses) throw nullError(from, place, isKey)
    if (isDeleted) slab.null()
    else slab.unset()
  }
}

/** Seconds of a column; null is what the table says. */
function bindTtl(batch: Batch, { ttl }: BindSettings, slab: Slab): Bind {
  if (typeof ttl === 'number') {
    return () => slab.int32(ttl)
  }
  const name = ttl?.column ?? ''
  const read = numberReader(batch, name)
  return index => {
    const seconds = read(index)
    if (seconds === null) return slab.unset()
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
    `${place}${pathOf(error)} (${type}) takes ${error.expected}; got ${error.got}.`,
    { field: from },
  )
}

export function nullError(from: string, place: string, isKey: boolean): MillraceError {
  const why = isKey ? 'is part of the primary key' : "may not be null, as nulls: 'refuse' says"
  return new MillraceError('ENCODE_FAILED', `${place} ${why}; the record has null.`, {
    field: from,
  })
}
