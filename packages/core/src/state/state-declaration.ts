/**
 * What a step of `process` keeps for each key, as its user declares it: single values, lists, maps.
 *
 * A declaration is frozen data with the TypeScript type of the handle that the step's functions get
 * for it. Everything has a bound, so that no key can grow without end.
 */
import { MillraceError } from '../errors.ts'
import { DataType } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'

/** A value per key. */
export interface ValueState<T> {
  /** Null when nothing was set. */
  get(): T | null
  set(value: T): void
  delete(): void
}

/** A list per key, in the order in which items came. */
export interface ListState<T> {
  readonly length: number
  /** Adds items at the end. @throws STATE_TOO_LARGE beyond the declared `max`. */
  push(...items: T[]): void
  /** The items, as an array of the caller's own. */
  values(): T[]
  clear(): void
}

/** A map per key, in the order in which its keys were first set. */
export interface MapState<K, V> {
  readonly size: number
  /** Null when the key is not there. */
  get(key: K): V | null
  has(key: K): boolean
  /** @throws STATE_TOO_LARGE for a new key beyond the declared `max`. */
  set(key: K, value: V): void
  /** True when the key was there. */
  delete(key: K): boolean
  entries(): [key: K, value: V][]
  clear(): void
}

/** Something a step keeps for each key; `Handle` is what its functions get. */
export interface StateDeclaration<Handle = unknown> {
  /** Only for the type checker. */
  readonly handle?: Handle
  readonly kind: 'value' | 'list' | 'map'
  /** Of the value, the items or the values: a type, or the columns of a row. */
  readonly type: DataType | Schema
  /** Maps: of the keys. */
  readonly keyType: DataType | null
  /** Most items or entries of one key; 1 for a value. */
  readonly max: number
}

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>

/** The handles that functions get for what was declared. */
export type StateHandles<S> = {
  readonly [K in keyof S]: S[K] extends StateDeclaration<infer Handle> ? Handle : never
}

export interface SizeOptions {
  /** Most items or entries per key. Default 10,000. */
  readonly max?: number
}

const MAX = 10_000

/**
 * One value per key: of a type, or a row of a schema.
 *
 * @example
 * valueState(t.float64())
 */
export function valueState<T>(type: DataType<T> | Schema<T>): StateDeclaration<ValueState<T>> {
  return declared('value', type, null, 1)
}

/**
 * A list per key.
 *
 * @example
 * listState(t.string(), { max: 100 })
 */
export function listState<T>(
  type: DataType<T> | Schema<T>,
  options: SizeOptions = {},
): StateDeclaration<ListState<T>> {
  return declared('list', type, null, options.max ?? MAX)
}

/**
 * A map per key. Its keys are text, numbers, times or booleans.
 *
 * @example
 * mapState(t.string(), t.int64(), { max: 1_000 })
 */
export function mapState<K extends string | number | bigint | boolean, V>(
  keyType: DataType<K>,
  type: DataType<V> | Schema<V>,
  options: SizeOptions = {},
): StateDeclaration<MapState<K, V>> {
  const isKey = keyType instanceof DataType && !keyType.isNullable
  if (!isKey || keyType.kind === 'bytes' || keyType.kind === 'json') {
    const got = keyType instanceof DataType ? `${keyType}` : typeof keyType
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'mapState needs a type for its keys that is not null, bytes or json, for example ' +
        `t.string(); got ${got}.`,
    )
  }
  return declared('map', type, keyType, options.max ?? MAX)
}

/** True for what `valueState`, `listState` and `mapState` give. */
export function isStateDeclaration(value: unknown): value is StateDeclaration {
  return DECLARED.has(value as object)
}

const DECLARED = new WeakSet<object>()

function declared<Handle>(
  kind: StateDeclaration['kind'],
  type: DataType | Schema,
  keyType: DataType | null,
  max: number,
): StateDeclaration<Handle> {
  if (!(type instanceof DataType) && !isClosed(type)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${kind}State needs a type such as t.string(), or a schema; got ${typeof type}.`,
    )
  }
  if (!Number.isSafeInteger(max) || max < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `max of ${kind}State must be a whole number from 1; got ${String(max)}.`,
    )
  }
  const declaration = Object.freeze({ kind, type, keyType, max })
  DECLARED.add(declaration)
  return declaration
}

function isClosed(type: unknown): boolean {
  return type instanceof Schema && !type.isOpen
}
