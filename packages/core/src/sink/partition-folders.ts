/**
 * Which folder a row of a partitioned files sink goes to, as Hive names them: `day=2026-01-01/`.
 *
 * The columns named are in the folder's name and not in the file. A value is its text; whole days
 * are dates, other times ISO 8601; null is `__HIVE_DEFAULT_PARTITION__`. Every byte but letters,
 * digits and `_ . -` is `%` and two hex digits, so a name means the same in every store.
 */
import type { Batch } from '../batch/batch.ts'
import type { CellValue, Column } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { Schema } from '../schema/schema.ts'

const KINDS: ReadonlySet<string> = new Set(['string', 'boolean', 'int32', 'int64', 'timestamp'])
const NULL = '__HIVE_DEFAULT_PARTITION__'
const DAY_MS = 86_400_000
/** As long as a part of an object's name may be. */
const PART_LENGTH_MAX = 200
/** Folders of values are remembered up to so many. */
const KNOWN_MAX = 10_000

export class PartitionFolders {
  readonly #columns: readonly string[]
  readonly #known: Map<CellValue, string>[]
  #inner: { readonly of: Schema; readonly schema: Schema } | null = null

  constructor(columns: readonly string[]) {
    this.#columns = columns
    this.#known = columns.map(() => new Map())
  }

  /** Rows of each folder, in their order. */
  split(batch: Batch, rows: Int32Array): Map<string, Int32Array> {
    const lists = new Map<string, number[]>()
    const columns = this.#columns.map(name => batch.columns[batch.schema.indexOf(name)] as Column)
    for (const index of rows) {
      let folder = ''
      for (let c = 0; c < columns.length; c++) {
        folder += this.#part(c, columns[c] as Column, index)
      }
      const list = lists.get(folder)
      if (list === undefined) lists.set(folder, [index])
      else list.push(index)
    }
    return new Map([...lists].map(([folder, list]) => [folder, Int32Array.from(list)]))
  }

  /** The batch without the columns that are in the folder's name. */
  without(batch: Batch): Batch {
    const { schema } = batch
    if (this.#inner?.of !== schema) this.#inner = { of: schema, schema: this.inner(schema) }
    const columns = batch.columns.filter((_, i) => !this.#has(schema.fields[i]?.name))
    return batch.with({ schema: this.#inner.schema, columns })
  }

  /**
   * The columns of the files.
   * @throws SCHEMA_MISMATCH, UNKNOWN_COLUMN when rows of this schema have no folder.
   */
  inner(schema: Schema): Schema {
    for (const name of this.#columns) {
      const { kind } = schema.typeOf(name)
      if (schema.has(name) && KINDS.has(kind)) continue
      throw new MillraceError(
        'SCHEMA_MISMATCH',
        `files can't be in folders by ${JSON.stringify(name)}, which is ${kind}: text, whole ` +
          'numbers, booleans and times can. Convert it before the sink, or leave it out of ' +
          'partitionBy.',
        { field: name },
      )
    }
    const fields = schema.fields.filter(({ name }) => !this.#has(name))
    if (fields.length > 0 && !schema.isOpen) return new Schema(fields)
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      schema.isOpen
        ? 'files in folders have fixed columns, and this frame has open ones. Name them: ' +
            ".select('a')."
        : 'files in folders need a column that is not in partitionBy; this frame has none.',
    )
  }

  #has(name: string | undefined): boolean {
    return name !== undefined && this.#columns.includes(name)
  }

  #part(position: number, column: Column, index: number): string {
    const cell = column.get(index)
    const known = this.#known[position] as Map<CellValue, string>
    const before = known.get(cell)
    if (before !== undefined) return before
    const name = this.#columns[position] as string
    const part = `${encoded(name)}=${cell === null ? NULL : encoded(textOf(column, cell))}`
    if (part.length > PART_LENGTH_MAX) {
      throw new MillraceError(
        'ENCODE_FAILED',
        `a folder's name has at most ${PART_LENGTH_MAX} letters; ${JSON.stringify(name)} makes ` +
          `one of ${part.length}. Make folders by something shorter.`,
        { field: name },
      )
    }
    if (known.size >= KNOWN_MAX) known.clear()
    known.set(cell, `${part}/`)
    return `${part}/`
  }
}

function textOf({ type }: Column, cell: CellValue): string {
  if (type.kind !== 'timestamp') return String(cell)
  const ms = cell as number
  const text = new Date(ms).toISOString()
  return ms % DAY_MS === 0 ? text.slice(0, text.indexOf('T')) : text
}

function encoded(text: string): string {
  let name = ''
  for (const byte of Buffer.from(text)) {
    const letter = String.fromCharCode(byte)
    const isPlain = /[A-Za-z0-9_.-]/.test(letter)
    name += isPlain ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return name
}
