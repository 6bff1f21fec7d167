/** The row types that steps give; only for the type checker. */
import type { AggregateCall } from '../aggregate/aggregate-call.ts'
import type { CellOf, Operand } from '../expr/facets.ts'

/** Shows a computed type as one plain object. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {}

export type Projection = Readonly<Record<string, Operand>>

export type Selected<C> = { -readonly [K in keyof C]: CellOf<C[K]> }

export type WithColumns<Row, C> = Simplify<Omit<Row, keyof C> & Selected<C>>

export type Renamed<Row, Names> = Simplify<{
  [K in keyof Row as K extends keyof Names ? (Names[K] extends string ? Names[K] : K) : K]: Row[K]
}>

export type Filled<Row, Values> = Simplify<{
  [K in keyof Row]: K extends keyof Values ? Exclude<Row[K], null | undefined> : Row[K]
}>

/** Refuses properties that are no columns of the row, beside those that are. */
export type NoOther<Given, Row> = { readonly [K in Exclude<keyof Given, keyof Row>]: never }

export type Aggregates = Readonly<Record<string, AggregateCall>>

export type WindowRow<Row, Group extends keyof Row, A> = Simplify<
  Pick<Row, Group> & { window_start: number; window_end: number } & {
    -readonly [K in keyof A]: A[K] extends AggregateCall<infer T> ? T : never
  }
>

export type ReducedRow<Row, Group extends keyof Row, Acc> = Simplify<
  Pick<Row, Group> & { window_start: number; window_end: number } & Acc
>

/**
 * Every column of the topic must come from the frame, with a type that fits; a topic without a
 * schema takes all. The error of TypeScript shows the columns that do not fit.
 */
export type Fits<Row, Target> = unknown extends Target
  ? unknown
  : string extends keyof Target
    ? unknown
    : [Row] extends [Target]
      ? unknown
      : { readonly 'this frame does not fit the topic': Shown<Misfit<Row, Target>> }

/** Written out in errors, where an alias would stay a name. */
type Shown<T> = T extends infer U ? { [K in keyof U]: U[K] } : never

type Misfit<Row, Target> = {
  [K in keyof Target as K extends keyof Row ? ([Row[K]] extends [Target[K]] ? never : K) : K]: {
    frame: K extends keyof Row ? Row[K] : 'no such column'
    topic: Target[K]
  }
}

/** Columns that are looked up: by their names, or by new ones. */
export type LookupFields<Found> =
  | readonly (keyof Found & string)[]
  | Readonly<Record<string, keyof Found & string>>

/** A row with what was found, which may be nothing. */
export type WithFound<Row, Found, F> = Simplify<
  Row &
    (F extends readonly (infer K extends keyof Found)[]
      ? { [Name in K]: Found[Name] | null }
      : {
          -readonly [Name in keyof F]: F[Name] extends keyof Found ? Found[F[Name]] | null : never
        })
>
