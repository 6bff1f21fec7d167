/**
 * The schemas: four versions of an order, each BACKWARD compatible with the one before, one that is
 * not, and the one by which the pipeline reads them all.
 */
import { schema, t } from '@millrace/core'

const named = { type: 'record', name: 'Order', namespace: 'com.shop' }

const placedAt = { name: 'placed_at', type: { type: 'long', logicalType: 'timestamp-millis' } }

/** As it began. */
const VERSION_1 = {
  ...named,
  fields: [
    { name: 'id', type: 'string' },
    placedAt,
    { name: 'customer', type: 'string' },
    { name: 'cents', type: 'int' },
  ],
}

/** A field with a default, and one that holds more: int is read as long. */
const VERSION_2 = {
  ...named,
  fields: [
    { name: 'id', type: 'string' },
    placedAt,
    { name: 'customer', type: 'string' },
    { name: 'cents', type: 'long' },
    { name: 'currency', type: 'string', default: 'EUR' },
  ],
}

const state = (...symbols: string[]) => ({
  type: 'enum',
  name: 'State',
  symbols: ['UNKNOWN', ...symbols],
  default: 'UNKNOWN',
})

/** `customer` is called `buyer`, and an alias says so. */
const VERSION_3 = {
  ...named,
  fields: [
    { name: 'id', type: 'string' },
    placedAt,
    { name: 'buyer', type: 'string', aliases: ['customer'] },
    { name: 'cents', type: 'long' },
    { name: 'currency', type: 'string', default: 'EUR' },
    { name: 'state', type: state('PLACED', 'PAID'), default: 'PLACED' },
  ],
}

/** A state that readers of version 3 do not know, and fields in another order. */
const VERSION_4 = {
  ...named,
  fields: [
    { name: 'buyer', type: 'string', aliases: ['customer'] },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'id', type: 'string' },
    placedAt,
    { name: 'state', type: state('PLACED', 'PAID', 'REFUNDED'), default: 'PLACED' },
    { name: 'currency', type: 'string', default: 'EUR' },
    { name: 'cents', type: 'long' },
  ],
}

export const VERSIONS: readonly object[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4]

/** Orders that are there already have no `country`, and it has no default. */
export const BROKEN = {
  ...VERSION_4,
  fields: [...VERSION_4.fields, { name: 'country', type: 'string' }],
}

/** The pipeline was written when there was version 3. */
export const READ_BY: object = VERSION_3

/** Columns of what is written, by version. */
const V1 = { id: t.string(), placed_at: t.timestamp(), customer: t.string(), cents: t.int32() }
const V2 = { ...V1, cents: t.int64({ as: 'number' }), currency: t.string() }
const V3 = {
  id: t.string(),
  placed_at: t.timestamp(),
  buyer: t.string(),
  cents: t.int64({ as: 'number' }),
  currency: t.string(),
  state: t.string(),
}
const V4 = { ...V3, note: t.string().nullable() }

export const COLUMNS = [schema(V1), schema(V2), schema(V3), schema(V4)]
