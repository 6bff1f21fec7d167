/**
 * What the coverage table must show: every operator with each type it takes, by value and by null.
 * `generate.ts` takes functions and uses from here in turn, so that every seed has one of each; a
 * run of a few hundred pipelines has them all.
 */
import { KINDS, type Kind, NESTED } from './cell.ts'
import type { Aggregate } from './program.ts'

const NUMBERS: readonly Kind[] = ['int32', 'int64', 'safe', 'float64']
const ROUNDED: readonly Kind[] = ['int32', 'safe', 'float64']
const ORDERED: readonly Kind[] = [...NUMBERS, 'decimal', 'string', 'timestamp', 'bytes']
const SCALARS: readonly Kind[] = [...ORDERED, 'boolean']
const ALL_BUT_JSON: readonly Kind[] = [...SCALARS, 'list', 'struct']

/** Functions of columns. Each seed has one of them among its steps, in turn. */
export const FUNCTIONS: Readonly<Record<string, readonly Kind[]>> = {
  add: [...NUMBERS, 'decimal', 'timestamp'],
  sub: [...NUMBERS, 'decimal', 'timestamp'],
  mul: [...NUMBERS, 'decimal'],
  mod: NUMBERS,
  neg: [...NUMBERS, 'decimal'],
  abs: [...NUMBERS, 'decimal'],
  div: ROUNDED,
  round: ROUNDED,
  floor: ROUNDED,
  ceil: ROUNDED,
  eq: SCALARS,
  ne: SCALARS,
  gt: ORDERED,
  gte: ORDERED,
  lt: ORDERED,
  lte: ORDERED,
  between: [...NUMBERS, 'decimal', 'string', 'timestamp'],
  isIn: [...NUMBERS, 'decimal', 'string', 'bytes'],
  and: ['boolean'],
  or: ['boolean'],
  not: ['boolean'],
  isNull: KINDS,
  isNotNull: KINDS,
  fillNull: ALL_BUT_JSON,
  when: ALL_BUT_JSON,
  upper: ['string'],
  lower: ['string'],
  trim: ['string'],
  concat: ['string'],
  startsWith: ['string'],
  endsWith: ['string'],
  contains: ['string'],
  length: ['string', 'bytes', 'list', 'json'],
  get: NESTED,
  truncate: ['timestamp'],
  as: ['string', 'boolean', 'int32', 'int64', 'float64', 'decimal', 'timestamp', 'list', 'json'],
}

/** Steps and aggregates of one column; each seed has one of them too. */
export const USES: Readonly<Record<Use, readonly Kind[]>> = {
  filter: KINDS,
  map: KINDS,
  flatMap: KINDS,
  withHeaders: KINDS,
  rename: KINDS,
  withKey: ORDERED,
  groupBy: SCALARS,
  count: KINDS,
  sum: [...NUMBERS, 'decimal'],
  mean: [...NUMBERS, 'decimal'],
  min: SCALARS,
  max: SCALARS,
}

export type Use =
  | 'filter'
  | 'map'
  | 'flatMap'
  | 'withHeaders'
  | 'rename'
  | 'withKey'
  | 'groupBy'
  | Aggregate['fn']

const STEPS: Readonly<Record<string, readonly Kind[]>> = {
  where: ['boolean'],
  select: KINDS,
  withColumns: KINDS,
  drop: KINDS,
  tap: KINDS,
  toTopic: KINDS,
  reduce: ['string', 'int32'],
  withTimestamp: ['timestamp'],
}

/** Of decimals they always stand in a cast back to their type. */
const WITHIN: Readonly<Record<string, readonly Kind[]>> = {
  round: [...ROUNDED, 'decimal'],
  floor: [...ROUNDED, 'decimal'],
  ceil: [...ROUNDED, 'decimal'],
}

export const REQUIRED: Readonly<Record<string, readonly Kind[]>> = {
  ...FUNCTIONS,
  ...WITHIN,
  ...USES,
  ...STEPS,
}

/** Operators that must have been given a tombstone. */
export const MEETING_TOMBSTONES: readonly string[] = [
  ...['where', 'filter', 'select', 'withColumns', 'drop', 'rename', 'fillNull', 'map', 'flatMap'],
  ...['tap', 'withHeaders', 'withKey', 'toTopic', 'window'],
]
