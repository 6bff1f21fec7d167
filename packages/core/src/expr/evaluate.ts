/**
 * The interpreter of expressions: the clear version, and the oracle of generated code.
 *
 * An expression is prepared once, bound to the columns of each batch once, then asked for the cell
 * of each record, by physical index. A record that has no result (overflow, a wrong `json` value, a
 * function that throws) gives an error without a place; the operator adds where the record was read
 * and asks the step's error policy.
 */
import { type Batch, cellOf } from '../batch/batch.ts'
import type { CellValue, Column } from '../batch/column.ts'
import { StructColumn } from '../batch/nested-column.ts'
import { rowReader } from '../batch/row-view.ts'
import { castFunction } from './cast.ts'
import type { CallExpr, Expr, FunctionExpr, WhenExpr } from './expr.ts'
import { functionEntry } from './functions/index.ts'

/**
 * The cell of the record at a physical index. @throws TYPE_MISMATCH or OVERFLOW when the record
 * has none.
 */
export type CellReader = (index: number) => CellValue

type Bind = (batch: Batch) => CellReader

/** Binds an expression to batches: `evaluator(expr)(batch)(index)`. */
export function evaluator(expr: Expr): (batch: Batch) => CellReader {
  return prepare(expr)
}

/** For `where`: true only when the cell is true; false and null both drop the record. */
export function predicate(expr: Expr): (batch: Batch) => (index: number) => boolean {
  const bind = prepare(expr)
  return batch => {
    const read = bind(batch)
    return index => read(index) === true
  }
}

function prepare(expr: Expr): Bind {
  switch (expr.kind) {
    case 'column':
      return batch => columnReader(batch, expr.name)
    case 'literal':
      return () => () => expr.value
    case 'call':
      return fieldOfColumn(expr) ?? prepareCall(expr)
    case 'when':
      return prepareWhen(expr)
    case 'cast': {
      const bind = prepare(expr.input)
      const convert = castFunction(expr)
      return batch => {
        const read = bind(batch)
        return index => convert(read(index))
      }
    }
    case 'function':
      return functionReader(expr)
  }
}

function columnReader(batch: Batch, name: string): CellReader {
  const position = batch.schema.indexOf(name)
  if (position < 0) return index => cellOf(batch, name, index)
  const column = batch.columns[position] as Column
  return index => column.get(index)
}

/** A field of a struct column, read where it is: no object is made of the others. */
function fieldOfColumn(call: CallExpr): Bind | null {
  const [input, key] = call.args
  if (call.name !== 'get' || input?.kind !== 'column' || key?.kind !== 'literal') return null
  if (input.type.kind !== 'struct') return null
  const clear = prepareCall(call)
  return batch => {
    const struct = batch.columns[batch.schema.indexOf(input.name)]
    if (!(struct instanceof StructColumn)) return clear(batch)
    const field = struct.columns[struct.type.fields.findIndex(({ name }) => name === key.value)]
    if (field === undefined) return clear(batch)
    return index => (struct.isNull(index) ? null : field.get(index))
  }
}

type Cells1 = (cell: CellValue) => CellValue
type Cells2 = (left: CellValue, right: CellValue) => CellValue
type CellsN = (...cells: readonly CellValue[]) => CellValue

function prepareCall(call: CallExpr): Bind {
  const entry = functionEntry(call.name)
  const scalar = entry.evaluate(call)
  const binds = call.args.slice(0, entry.arity).map(prepare)
  if (entry.nullsPropagate && binds.length === 1) return oneArgument(scalar as Cells1, binds)
  if (entry.nullsPropagate && binds.length === 2) return twoArguments(scalar as Cells2, binds)
  const { stopsAt, nullsPropagate } = entry
  return batch => {
    const readers = binds.map(bind => bind(batch))
    return index => {
      const cells: CellValue[] = []
      for (const read of readers) {
        const cell = read(index)
        if (stopsAt?.(cell)) return cell
        cells.push(cell)
      }
      if (nullsPropagate && cells.includes(null)) return null
      return (scalar as CellsN)(...cells)
    }
  }
}

function oneArgument(scalar: Cells1, [first]: readonly Bind[]): Bind {
  return batch => {
    const read = (first as Bind)(batch)
    return index => {
      const cell = read(index)
      return cell === null ? null : scalar(cell)
    }
  }
}

/**
 * Both sides are evaluated whatever the other is, so a fault on the right never hides behind a
 * null.
 */
function twoArguments(scalar: Cells2, [first, second]: readonly Bind[]): Bind {
  return batch => {
    const readLeft = (first as Bind)(batch)
    const readRight = (second as Bind)(batch)
    return index => {
      const left = readLeft(index)
      const right = readRight(index)
      return left === null || right === null ? null : scalar(left, right)
    }
  }
}

function prepareWhen({ branches, otherwise }: WhenExpr): Bind {
  const conditions = branches.map(branch => prepare(branch.condition))
  const values = [...branches.map(branch => branch.value), otherwise].map(prepare)
  return batch => {
    const tests = conditions.map(bind => bind(batch))
    const readers = values.map(bind => bind(batch))
    return index => {
      const chosen = tests.findIndex(test => test(index) === true)
      return (readers.at(chosen) as CellReader)(index) // -1, no branch: the last one, `otherwise`
    }
  }
}

/** The function never sees a tombstone, and its undefined counts as null. */
function functionReader({ apply, reads = null }: FunctionExpr): Bind {
  const rows = rowReader(reads)
  return batch => {
    const rowAt = rows(batch)
    return index => (batch.isTombstone(index) ? null : ((apply(rowAt(index)) ?? null) as CellValue))
  }
}
