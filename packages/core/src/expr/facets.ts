/**
 * The types of columns in callbacks: `Columns<Row>` gives each column the methods its type has.
 *
 * Nulls are in the types: an operand that may be null makes a result that may be null; `isNull` and
 * `fillNull` take it away. At run time there is one class with all methods
 * (`fluent-expression.ts`), which checks the same rules at the same line for JavaScript. Methods
 * that take a column or a value have two overloads: with one signature a literal would be inferred
 * as nullable. The value comes last, because its is the error that TypeScript shows.
 */
import type { DataType } from '../schema/data-type.ts'
import type { DecimalText } from '../util/decimal.ts'
import type { Duration } from '../util/duration.ts'
import type { Expression } from './expression.ts'
import type { Literal } from './literal.ts'

/** What may stand where a value is expected: a JavaScript value or an expression. */
export type Operand = Literal | Expression<unknown>

/** `N`, nullable when `T` is. */
export type Lift<T, N> = null extends T ? N | null : N

/** The columns of a row, each with the methods of its type. */
export type Columns<Row> = { readonly [K in keyof Row]-?: ColumnOf<Present<Row[K]>> }

/** An optional property of a row is a nullable column. */
type Present<V> = V extends undefined ? null : V

/** The face of an expression whose cells have type `T`. */
export type ColumnOf<T> = 0 extends 1 & T
  ? AnyExpression
  : unknown extends T
    ? OpenExpression
    : [NonNullable<T>] extends [number]
      ? NumberExpression<T>
      : [NonNullable<T>] extends [DecimalText]
        ? DecimalExpression<T>
        : [NonNullable<T>] extends [string]
          ? StringExpression<T>
          : [NonNullable<T>] extends [boolean]
            ? BooleanExpression<T>
            : [NonNullable<T>] extends [bigint]
              ? BigIntExpression<T>
              : [NonNullable<T>] extends [Uint8Array]
                ? BytesExpression<T>
                : JsonExpression<T>

/** The cell type of a value or an expression; literal types are widened (`5` is number). */
export type CellOf<V> =
  V extends Expression<infer T>
    ? T
    : V extends number | Date
      ? number
      : V extends string
        ? string
        : V extends boolean
          ? boolean
          : V extends bigint
            ? bigint
            : V extends Uint8Array
              ? Uint8Array
              : null

/** What every column has. */
interface Nullable<T> extends Expression<T> {
  /** True where there is no value. Never null itself. */
  isNull(): BooleanExpression<boolean>
  isNotNull(): BooleanExpression<boolean>
}

/** A column about which only the data knows: give it a type first, with `.as(t.float64())`. */
export interface OpenExpression extends Nullable<unknown> {
  /**
   * The cell as this type, checked as the decoder would; a cell of another type is an error of
   * its record.
   */
  as<U>(type: DataType<U>): ColumnOf<U | null>
  /** A property of an object or an element of an array; null when it is not there. */
  get(key: string | number): OpenExpression
}

interface Convertible<T> extends Nullable<T> {
  /**
   * Converted exactly; a cell that can't be is an error of its record. The table is in the guide.
   */
  as<U>(type: DataType<U>): ColumnOf<Lift<T, U>>
}

type ListOf<V> = readonly V[] | ReadonlySet<V>

/** `V`: what it compares with; `Same`: the values it can be equal to. */
interface Equatable<T, V, Same = NonNullable<T>> extends Convertible<T> {
  /** Equal. Null when either side is null: use `isNull()` to find nulls. */
  eq<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  eq(value: Same): BooleanExpression<Lift<T, boolean>>
  ne<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  ne(value: Same): BooleanExpression<Lift<T, boolean>>
  /** Equal to one of these. Null when the cell is null. */
  isIn(values: ListOf<Same>): BooleanExpression<Lift<T, boolean>>
}

/** Numbers by size (NaN the greatest), text by code point, bytes unsigned. */
interface Ordered<T, V, Same = NonNullable<T>> extends Equatable<T, V, Same> {
  gt<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  gt(value: V): BooleanExpression<Lift<T, boolean>>
  gte<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  gte(value: V): BooleanExpression<Lift<T, boolean>>
  lt<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  lt(value: V): BooleanExpression<Lift<T, boolean>>
  lte<U extends V | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  lte(value: V): BooleanExpression<Lift<T, boolean>>
  /** Both bounds included. */
  between<L extends V | Expression<V | null>, H extends V | Expression<V | null>>(
    low: L,
    high: H,
  ): BooleanExpression<Lift<T | CellOf<L> | CellOf<H>, boolean>>
}

/** int32, float64, timestamp, and int64 given as a number. */
export interface NumberExpression<T> extends Ordered<T, number> {
  /** Whole numbers stay whole; a result outside the type is an error of the record (OVERFLOW). */
  add<U extends number | null>(other: Expression<U>): NumberExpression<Lift<T | U, number>>
  add(value: number): NumberExpression<Lift<T, number>>
  sub<U extends number | null>(other: Expression<U>): NumberExpression<Lift<T | U, number>>
  sub(value: number): NumberExpression<Lift<T, number>>
  mul<U extends number | null>(other: Expression<U>): NumberExpression<Lift<T | U, number>>
  mul(value: number): NumberExpression<Lift<T, number>>
  /** Always float64; by zero gives Infinity or NaN. */
  div<U extends number | null>(other: Expression<U>): NumberExpression<Lift<T | U, number>>
  div(value: number): NumberExpression<Lift<T, number>>
  /** The rest of the division, with the sign of this column, as `%` has. */
  mod<U extends number | null>(other: Expression<U>): NumberExpression<Lift<T | U, number>>
  mod(value: number): NumberExpression<Lift<T, number>>
  neg(): NumberExpression<Lift<T, number>>
  abs(): NumberExpression<Lift<T, number>>
  /** To the nearest, halves away from zero; `digits` after the point, 0 to 15. */
  round(digits?: number): NumberExpression<Lift<T, number>>
  floor(): NumberExpression<Lift<T, number>>
  ceil(): NumberExpression<Lift<T, number>>
  /** Timestamps: the start of the interval the time is in, counted from 1970 in UTC. */
  truncate(step: Duration): NumberExpression<Lift<T, number>>
  fillNull<U extends number | null>(other: Expression<U>): NumberExpression<NonNullable<T> | U>
  fillNull(value: number): NumberExpression<number>
}

/** int64 given as bigint. Goes with whole numbers; convert one side before fractions. */
export interface BigIntExpression<T> extends Ordered<T, bigint | number, bigint | number> {
  add<U extends bigint | number | null>(o: Expression<U>): BigIntExpression<Lift<T | U, bigint>>
  add(value: bigint | number): BigIntExpression<Lift<T, bigint>>
  sub<U extends bigint | number | null>(o: Expression<U>): BigIntExpression<Lift<T | U, bigint>>
  sub(value: bigint | number): BigIntExpression<Lift<T, bigint>>
  mul<U extends bigint | number | null>(o: Expression<U>): BigIntExpression<Lift<T | U, bigint>>
  mul(value: bigint | number): BigIntExpression<Lift<T, bigint>>
  mod<U extends bigint | number | null>(o: Expression<U>): BigIntExpression<Lift<T | U, bigint>>
  mod(value: bigint | number): BigIntExpression<Lift<T, bigint>>
  neg(): BigIntExpression<Lift<T, bigint>>
  abs(): BigIntExpression<Lift<T, bigint>>
  fillNull<U extends bigint | null>(other: Expression<U>): BigIntExpression<NonNullable<T> | U>
  fillNull(value: bigint | number): BigIntExpression<bigint>
}

/** What goes with decimals: other decimals, text that writes a number (`'9.5'`), whole numbers. */
type Exact = DecimalText | bigint | number

/**
 * Exact: a result has all the digits that it takes (the guide has the rule); where these are too
 * many in front, it is an error of the record (OVERFLOW).
 */
export interface DecimalExpression<T> extends Ordered<T, Exact, Exact> {
  add<U extends Exact | null>(o: Expression<U>): DecimalExpression<Lift<T | U, DecimalText>>
  add(value: Exact): DecimalExpression<Lift<T, DecimalText>>
  sub<U extends Exact | null>(o: Expression<U>): DecimalExpression<Lift<T | U, DecimalText>>
  sub(value: Exact): DecimalExpression<Lift<T, DecimalText>>
  mul<U extends Exact | null>(o: Expression<U>): DecimalExpression<Lift<T | U, DecimalText>>
  mul(value: Exact): DecimalExpression<Lift<T, DecimalText>>
  neg(): DecimalExpression<Lift<T, DecimalText>>
  abs(): DecimalExpression<Lift<T, DecimalText>>
  /** To the nearest, halves away from zero; `digits` after the point, 0 to 15. */
  round(digits?: number): DecimalExpression<Lift<T, DecimalText>>
  floor(): DecimalExpression<Lift<T, DecimalText>>
  ceil(): DecimalExpression<Lift<T, DecimalText>>
  fillNull<U extends DecimalText | null>(o: Expression<U>): DecimalExpression<NonNullable<T> | U>
  fillNull(value: Exact): DecimalExpression<DecimalText>
}

type Text = string | Expression<string | null>

export interface StringExpression<T> extends Ordered<T, string> {
  upper(): StringExpression<Lift<T, string>>
  lower(): StringExpression<Lift<T, string>>
  /** Without white space at both ends. */
  trim(): StringExpression<Lift<T, string>>
  /** In code points. */
  length(): NumberExpression<Lift<T, number>>
  /** Null when any part is null. */
  concat<P extends readonly Text[]>(
    ...parts: P
  ): StringExpression<Lift<T | CellOf<P[number]>, string>>
  startsWith<U extends string | null>(o: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  startsWith(value: string): BooleanExpression<Lift<T, boolean>>
  endsWith<U extends string | null>(o: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  endsWith(value: string): BooleanExpression<Lift<T, boolean>>
  contains<U extends string | null>(o: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  contains(value: string): BooleanExpression<Lift<T, boolean>>
  fillNull<U extends string | null>(other: Expression<U>): StringExpression<NonNullable<T> | U>
  fillNull(value: string): StringExpression<string>
}

/** Three-valued: null means unknown; `false and null` is false, `true or null` is true. */
export interface BooleanExpression<T> extends Equatable<T, boolean> {
  /** The other side is evaluated only where this one does not decide. */
  and<U extends boolean | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  or<U extends boolean | null>(other: Expression<U>): BooleanExpression<Lift<T | U, boolean>>
  not(): BooleanExpression<Lift<T, boolean>>
  fillNull<U extends boolean | null>(other: Expression<U>): BooleanExpression<NonNullable<T> | U>
  fillNull(value: boolean): BooleanExpression<boolean>
}

export interface BytesExpression<T> extends Ordered<T, Uint8Array> {
  /** In bytes. */
  length(): NumberExpression<Lift<T, number>>
  fillNull<U extends Uint8Array | null>(o: Expression<U>): BytesExpression<NonNullable<T> | U>
  fillNull(value: Uint8Array): BytesExpression<Uint8Array>
}

/** An object, an array, or one of several types. */
export interface JsonExpression<T> extends Convertible<T> {
  /** A property of an object or an element of an array; null when it is not there. */
  get<K extends keyof NonNullable<T>>(key: K): ColumnOf<Lift<T, PartOf<NonNullable<T>, K>>>
  /** Lists: how many elements there are. */
  length(this: JsonExpression<T & (readonly unknown[] | null)>): NumberExpression<Lift<T, number>>
}

/** An element of an array may not be there. */
type PartOf<V, K extends keyof V> = V extends readonly unknown[] ? V[K] | null : Present<V[K]>

/**
 * An expression of which TypeScript does not know the type, `col('x')`: everything is checked
 * where it is used.
 */
// biome-ignore lint/suspicious/noExplicitAny: its type is known only at run time.
export interface AnyExpression extends Expression<any> {
  isNull(): BooleanExpression<boolean>
  isNotNull(): BooleanExpression<boolean>
  as<U>(type: DataType<U>): ColumnOf<U | null>
  get(key: string | number): AnyExpression
  eq(other: Operand): BooleanExpression<boolean | null>
  ne(other: Operand): BooleanExpression<boolean | null>
  isIn(values: ListOf<Literal>): BooleanExpression<boolean | null>
  gt(other: Operand): BooleanExpression<boolean | null>
  gte(other: Operand): BooleanExpression<boolean | null>
  lt(other: Operand): BooleanExpression<boolean | null>
  lte(other: Operand): BooleanExpression<boolean | null>
  between(low: Operand, high: Operand): BooleanExpression<boolean | null>
  add(other: Operand): AnyExpression
  sub(other: Operand): AnyExpression
  mul(other: Operand): AnyExpression
  div(other: Operand): NumberExpression<number | null>
  mod(other: Operand): AnyExpression
  neg(): AnyExpression
  abs(): AnyExpression
  round(digits?: number): AnyExpression
  floor(): AnyExpression
  ceil(): AnyExpression
  truncate(step: Duration): NumberExpression<number | null>
  upper(): StringExpression<string | null>
  lower(): StringExpression<string | null>
  trim(): StringExpression<string | null>
  length(): NumberExpression<number | null>
  concat(...parts: readonly Operand[]): StringExpression<string | null>
  startsWith(other: Operand): BooleanExpression<boolean | null>
  endsWith(other: Operand): BooleanExpression<boolean | null>
  contains(other: Operand): BooleanExpression<boolean | null>
  and(other: Operand): BooleanExpression<boolean | null>
  or(other: Operand): BooleanExpression<boolean | null>
  not(): BooleanExpression<boolean | null>
  fillNull(value: Operand): AnyExpression
}
