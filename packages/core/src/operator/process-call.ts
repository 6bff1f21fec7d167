/**
 * A call of a user's function of `process`: the context it is given, and what becomes of its
 * effects. When it ends well, its rows wait to go out; when it throws, nothing has happened.
 */
import { type Row, setOwn } from '../batch/row.ts'
import { rowCells } from '../batch/row-cells.ts'
import { MillraceError } from '../errors.ts'
import type { CellValue } from '../record/cell-value.ts'
import type { Schema } from '../schema/schema.ts'
import { KeyCall } from './key-call.ts'
import { type KeyState, type StateKind, timerSize } from './key-state.ts'
import type { KeyedRows, RowPlace } from './keyed-rows.ts'
import type { AnyProcessContext, ProcessOptions } from './process-options.ts'

/** What one call is about. */
export interface CallParts {
  readonly state: KeyState
  readonly place: RowPlace
  readonly watermark: number
  readonly isLate: boolean
  /** Event timers that it sets must be later than this. */
  readonly after?: number
}

export class ProcessCall {
  readonly #schema: Schema
  readonly #group: ProcessOptions['group']
  readonly #rows: KeyedRows
  readonly #call: KeyCall
  readonly #context: AnyProcessContext
  #parts: CallParts | null = null
  /** Cells of the key, when they were asked for. */
  #keyCells: readonly CellValue[] | null = null

  constructor(
    options: Pick<ProcessOptions, 'schema' | 'group'>,
    kinds: readonly StateKind[],
    rows: KeyedRows,
  ) {
    this.#schema = options.schema
    this.#group = options.group
    this.#rows = rows
    this.#call = new KeyCall(kinds)
    this.#context = this.#contextOf()
  }

  /**
   * Calls a function with the state of a key. True when it has changed the state.
   * @throws what the function throws, everything undone.
   */
  run(parts: CallParts, apply: (context: AnyProcessContext) => void): boolean {
    this.#parts = parts
    this.#keyCells = null
    this.#call.begin(parts.state, parts.after)
    try {
      apply(this.#context)
      const { hasChanged } = this.#call
      if (hasChanged) this.#call.check()
      this.#call.commit()
      return hasChanged
    } catch (error) {
      this.#call.rollback()
      this.#rows.drop()
      throw error
    } finally {
      this.#parts = null
    }
  }

  /** Takes a timer away that is about to fire. */
  drop(state: KeyState, name: string): void {
    if (state.timers.delete(name)) state.size -= timerSize(name)
  }

  #contextOf(): AnyProcessContext {
    const parts = (): CallParts => this.#now()
    const keyOf = (): Row => this.#key()
    return Object.freeze({
      get key() {
        return keyOf()
      },
      get keyBytes() {
        return Uint8Array.from(parts().place.key)
      },
      get timestamp() {
        return parts().place.timestamp
      },
      get watermark() {
        return parts().watermark
      },
      get isLate() {
        return parts().isLate
      },
      state: this.#call.handles as AnyProcessContext['state'],
      timers: this.#call.timers,
      emit: (row: unknown) => this.#emit(row),
    })
  }

  #now(): CallParts {
    if (this.#parts !== null) return this.#parts
    throw new MillraceError(
      'FUNCTION_FAILED',
      'the context of a call was used after the call. Functions of process are synchronous.',
    )
  }

  #cells(): readonly CellValue[] {
    const { key } = this.#now().place
    this.#keyCells ??= this.#group?.codec.decode(key) ?? []
    return this.#keyCells
  }

  #key(): Row {
    const row: Row = {}
    for (const [i, cell] of this.#cells().entries()) {
      setOwn(row, this.#group?.names[i] as string, cell)
    }
    return row
  }

  #emit(row: unknown): void {
    this.#now()
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new MillraceError(
        'FUNCTION_FAILED',
        `emit needs a row (an object with columns); got ${row === null ? 'null' : typeof row}.`,
      )
    }
    const filled: Row = { ...(row as Row) }
    const names = (this.#group?.names ?? []).filter(name => this.#schema.has(name))
    const key = names.length === 0 ? {} : this.#key()
    for (const name of names) {
      const isGiven = Object.hasOwn(filled, name) && filled[name] !== undefined
      if (!isGiven) setOwn(filled, name, key[name] as CellValue)
    }
    const cells = rowCells(this.#schema, filled)
    for (const name of names) {
      if (isSame(cells[this.#schema.indexOf(name)] as CellValue, key[name] as CellValue)) continue
      throw new MillraceError(
        'FUNCTION_FAILED',
        `a row was given out whose column ${JSON.stringify(name)} is not that of its key. Leave ` +
          'it out, and it is filled in; or name it otherwise.',
      )
    }
    this.#rows.hold(cells)
  }
}

function isSame(left: CellValue, right: CellValue): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return Buffer.compare(left, right) === 0
  }
  if (typeof left !== typeof right && left !== null && right !== null) {
    return String(left) === String(right)
  }
  return left === right || Object.is(left, right)
}
