/**
 * Types only: the row type of an Avro schema that is written as a literal, `as const`.
 *
 * It says what `codec/value-form.ts` says of values, for the exact form unless another is given.
 * Named types are looked up among those of the same literal; one that holds itself is `unknown`
 * where it does, and so is what a plain `string` in the literal does not tell.
 */
import type { DecimalText } from '@millrace/core'
import type { EXACT_FORM, ValueForm } from './codec/value-form.ts'

/** The type of a value of a schema literal; of a record the row. */
export type AvroRow<S, Form extends Partial<ValueForm> = typeof EXACT_FORM> = ValueOf<
  S,
  NamesIn<S> & Looks<Form>
>

/**
 * The cell of a value, as keys are. Any cell where the schema's type does not tell, as of text or
 * of parsed JSON.
 */
export type SchemaCell<S, Form extends Partial<ValueForm>> = S extends keyof Primitives
  ? PrimitiveValue<S, Looks<Form>>
  : LiteralRow<S, Form>

/** The rows of a serde: of a record its fields, of another type one column, `value`. */
export type SchemaRow<S, Form extends Partial<ValueForm>> = S extends keyof Primitives
  ? { value: PrimitiveValue<S, Looks<Form>> }
  : LiteralRow<S, Form>

type LiteralRow<S, Form extends Partial<ValueForm>> = S extends {
  readonly type: 'record'
  readonly fields: readonly { readonly name: infer Name }[]
}
  ? string extends Name
    ? // biome-ignore lint/suspicious/noExplicitAny: names of fields that are not known.
      any
    : AvroRow<S, Form>
  : // biome-ignore lint/suspicious/noExplicitAny: a schema whose type is not known.
    any

type PrimitiveValue<S extends keyof Primitives, Names> = S extends 'long'
  ? Names['(long)' & keyof Names]
  : Primitives[S]

/** What the form makes of longs and times, under names that no type of a schema can have. */
interface Looks<Form extends Partial<ValueForm>> {
  '(long)': Form extends { readonly long: 'number' } ? number : bigint
  '(time)': Form extends { readonly time: 'milliseconds' } ? number : Looks<Form>['(long)']
}

interface Primitives {
  null: null
  boolean: boolean
  int: number
  long: bigint
  float: number
  double: number
  bytes: Uint8Array
  string: string
}

/** What a logical type makes of the values of the type that it stands beside. */
interface LogicalValues {
  'timestamp-millis': number
  decimal: DecimalText
  uuid: string
  duration: Duration
}

type SmallTime = 'timestamp-micros' | 'timestamp-nanos'

interface Duration {
  readonly months: number
  readonly days: number
  readonly milliseconds: number
}

type ValueOf<S, Names> = S extends keyof Primitives
  ? PrimitiveValue<S, Names>
  : S extends string
    ? S extends keyof Names
      ? NamedValue<Names[S], Names>
      : unknown
    : S extends readonly unknown[]
      ? UnionValue<S, Names>
      : ObjectValue<S, Names>

type ObjectValue<S, Names> = S extends { readonly logicalType: infer L; readonly type: infer T }
  ? L extends keyof LogicalValues
    ? LogicalValues[L]
    : L extends SmallTime
      ? Names['(time)' & keyof Names]
      : T extends 'fixed'
        ? Uint8Array
        : ValueOf<T, Names>
  : S extends { readonly type: 'record'; readonly fields: infer F }
    ? RecordValue<F, Names>
    : S extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbol)[] }
      ? Symbol
      : S extends { readonly type: 'array'; readonly items: infer I }
        ? ValueOf<I, Names>[]
        : S extends { readonly type: 'map'; readonly values: infer V }
          ? { [key: string]: ValueOf<V, Names> }
          : S extends { readonly type: 'fixed' }
            ? Uint8Array
            : S extends { readonly type: infer T }
              ? ValueOf<T, Names>
              : unknown

type RecordValue<F, Names> = F extends readonly { readonly name: string }[]
  ? {
      -readonly [Field in F[number] as Field['name']]: Field extends { readonly type: infer T }
        ? ValueOf<T, Names>
        : unknown
    }
  : unknown

/** Null and one other: that one or null. Several others: which of them is told by the value. */
type UnionValue<S extends readonly unknown[], Names> =
  Exclude<S[number], 'null'> extends infer Other
    ?
        | (IsOne<Other> extends true ? ValueOf<Other, Names> : unknown)
        | ('null' extends S[number] ? null : never)
    : never

type IsOne<T, Each = T> = [T] extends [never]
  ? true
  : Each extends unknown
    ? [T] extends [Each]
      ? true
      : false
    : never

/** A type used by its name is not followed again, so that one that holds itself has an end. */
type NamedValue<T, Names> = ObjectValue<T, Pick<Names, keyof Names & keyof Looks<ValueForm>>>

/** The named types that are fields of a record literal, by name. */
type NamesIn<S> = S extends { readonly type: 'record'; readonly fields: readonly (infer F)[] }
  ? {
      [Type in NamedOf<F extends { readonly type: infer T } ? T : never> as Type['name']]: Type
    }
  : object

interface NamedLiteral {
  readonly type: 'record' | 'enum' | 'fixed'
  readonly name: string
}

type NamedOf<T> = T extends NamedLiteral
  ? T
  : T extends readonly (infer Branch)[]
    ? Extract<Branch, NamedLiteral>
    : T extends { readonly items: infer Items }
      ? Extract<Items, NamedLiteral>
      : never
