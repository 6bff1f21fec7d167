/**
 * The columns of a frame: names, types, order, and whether there may be more (`isOpen`).
 *
 * A schema is made by `schema({...})` (declared), or by plan nodes (derived). An open schema comes
 * from `json()` without a schema and from `map` without one: its further columns are found at run
 * time and have type `json`.
 */
import { MillraceError } from '../errors.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { DataType, type Field, t } from './data-type.ts'

export type { Field }

/** The TypeScript type of a row of a schema: `type Purchase = RowOf<typeof Purchase>`. */
export type RowOf<S> = S extends Schema<infer Row> ? Row : never

const OPEN_TYPE: DataType = t.json().nullable()

// biome-ignore lint/suspicious/noExplicitAny: a schema of any row, as in Array<any>.
export class Schema<Row = any> {
  /** Only for the type checker: the row type. */
  declare readonly row: Row
  readonly fields: readonly Field[]
  readonly isOpen: boolean
  readonly #indices: ReadonlyMap<string, number>

  constructor(fields: readonly Field[], isOpen = false) {
    const indices = new Map<string, number>()
    for (const [index, field] of fields.entries()) {
      if (indices.has(field.name)) {
        throw new MillraceError(
          'DUPLICATE_COLUMN',
          `column ${JSON.stringify(field.name)} stands twice among ${names(fields)}. Rename ` +
            'or drop one.',
        )
      }
      indices.set(field.name, index)
    }
    this.fields = Object.freeze(fields.map(field => Object.freeze({ ...field })))
    this.isOpen = isOpen
    this.#indices = indices
    Object.freeze(this)
  }

  get names(): readonly string[] {
    return this.fields.map(field => field.name)
  }

  /** Position of a declared column, or -1. */
  indexOf(name: string): number {
    return this.#indices.get(name) ?? -1
  }

  /** True when a column of this name is declared (an open schema may hold more). */
  has(name: string): boolean {
    return this.#indices.has(name)
  }

  /**
   * The type of a column; in an open schema an undeclared column is nullable `json`.
   * @throws UNKNOWN_COLUMN with the columns there are.
   */
  typeOf(name: string): DataType {
    const index = this.#indices.get(name)
    if (index !== undefined) return (this.fields[index] as Field).type
    if (this.isOpen) return OPEN_TYPE
    throw new MillraceError(
      'UNKNOWN_COLUMN',
      `column ${JSON.stringify(name)} is not in the frame; columns are ${names(this.fields)}.` +
        didYouMean(name, this.#indices.keys()),
    )
  }

  /** `{user_id: string, note: string?}`, with `, …` when open. */
  toString(): string {
    const parts = this.fields.map(field => `${printName(field.name)}: ${field.type}`)
    if (this.isOpen) parts.push('…')
    return `{${parts.join(', ')}}`
  }
}

/**
 * Declares the columns of a topic or a source.
 *
 * @example const Purchase = schema({ user_id: t.string(), amount: t.float64(), note:
 * t.string().nullable() }) type Purchase = RowOf<typeof Purchase>
 */
export function schema<const F extends Readonly<Record<string, DataType>>>(
  fields: F,
): Schema<{ -readonly [K in keyof F]: F[K]['cell'] }> {
  const list: Field[] = []
  for (const name of Object.keys(fields)) {
    const type: unknown = fields[name]
    if (!(type instanceof DataType)) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        `schema column ${JSON.stringify(name)} needs a type such as t.string(); got ` +
          `${typeof type}.`,
      )
    }
    list.push({ name, type })
  }
  return new Schema(list)
}

/** The schema about which nothing is known before the data comes. */
export const OPEN_SCHEMA: Schema = new Schema([], true)

function names(fields: readonly Field[]): string {
  return fields.length === 0 ? '(none)' : fields.map(field => printName(field.name)).join(', ')
}

function printName(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name)
}
