/**
 * Stages run twice, generated and interpreted: random expressions over random cells of all types,
 * with nulls, tombstones and selections. What must be equal are the records that stay, their cells,
 * and the errors, in their order.
 */
import assert from 'node:assert'
import fc from 'fast-check'
import type { Batch } from '../../packages/core/src/batch/batch.ts'
import type { Column } from '../../packages/core/src/batch/column.ts'
import { lowerStage } from '../../packages/core/src/compile/lower-stage.ts'
import type { Expr } from '../../packages/core/src/expr/expr.ts'
import { filterNode } from '../../packages/core/src/plan/filter.ts'
import type { FrameNode } from '../../packages/core/src/plan/node.ts'
import { projectNode } from '../../packages/core/src/plan/project.ts'
import { type ErrorPolicy, fail, skip } from '../../packages/core/src/record/error-policy.ts'
import { t } from '../../packages/core/src/schema/data-type.ts'
import { batchOfRows } from '../../packages/core/src/testing/batch-of-rows.ts'
import { callOf, exprOf, type RandomRow, ROWS_SCHEMA, rowOf } from './kernel-expression.ts'

const INPUT = {
  kind: 'source',
  step: 'topic',
  depth: 0,
  schema: ROWS_SCHEMA,
  key: { columns: null },
} as unknown as FrameNode

type Step = { readonly where: Expr } | { readonly columns: readonly Expr[] }

/** The steps behind each other: computed columns are named `y0`, `y1` and so on. */
function nodesOf(steps: readonly Step[], policy: ErrorPolicy): FrameNode[] {
  const nodes: FrameNode[] = []
  let from: FrameNode = INPUT
  for (const [at, step] of steps.entries()) {
    const node =
      'where' in step
        ? filterNode(from, 'where', step.where, policy)
        : projectNode(from, 'select', {
            columns: [
              ...from.schema.fields.map(({ name, type }) => ({
                name,
                expr: { kind: 'column', name, type } as const,
              })),
              ...step.columns.map((expr, i) => ({ name: `y${at}${i}`, expr })),
            ],
            omit: null,
            onError: policy,
          })
    nodes.push(node)
    from = node
  }
  return nodes
}

interface Result {
  readonly rows: readonly (readonly unknown[])[]
  readonly errors: readonly string[]
}

/** What the stage gives out: index and cells of each record, and its failures in order. */
function run(
  batch: Batch,
  steps: readonly Step[],
  generates: boolean,
  policy: ErrorPolicy,
): Result {
  const stage = lowerStage(nodesOf(steps, policy) as never, generates)
  const errors: string[] = []
  const rows: unknown[][] = []
  stage.open({
    recordFailed: (error: Error & { code: string }) => {
      errors.push(`${error.code} ${error.message}`)
      if (policy.kind === 'fail') throw error
    },
  } as never)
  try {
    stage.process(batch, {
      emit: (made: Batch) => {
        for (let nth = 0; nth < made.count; nth++) {
          const index = made.at(nth)
          rows.push([index, ...made.columns.map(column => cell(column, index))])
        }
      },
    } as never)
  } catch (error) {
    errors.push(`thrown ${(error as Error).message}`)
  }
  return { rows, errors }
}

/** -0 is told from 0, and a column that says null gives null. */
function cell(column: Column, index: number): unknown {
  const value = column.get(index)
  if (column.isNull(index) !== (value === null)) return 'neither null nor a value'
  return Object.is(value, -0) ? '-0' : value
}

function batchOf(rows: readonly (RandomRow | null)[], selected: readonly boolean[]): Batch {
  const batch = batchOfRows(ROWS_SCHEMA, rows as never)
  const selection = Int32Array.from(rows.keys()).filter(i => selected[i] !== false)
  return selection.length === rows.length ? batch : batch.with({ selection })
}

const rows = fc.array(fc.option(rowOf, { freq: 8 }), { minLength: 1, maxLength: 20 })
const selected = fc.oneof(fc.constant([]), fc.array(fc.boolean(), { maxLength: 20 }))
const where = exprOf('boolean').map(expr => ({ where: expr }))
const columns = fc
  .array(
    fc.oneof(
      ...(['float64', 'int32', 'int64', 'safe', 'timestamp', 'string', 'boolean'] as const).map(
        kind => exprOf(kind),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(exprs => ({ columns: exprs }))

const steps = fc.oneof(
  where.map(step => [step]),
  columns.map(step => [step]),
  fc.array(fc.oneof(where, columns), { minLength: 2, maxLength: 4 }),
  fc.tuple(columns, fc.array(fc.nat(3), { minLength: 1, maxLength: 3 })).map(readingOn),
)

/** Steps that read what the first one computed. */
function readingOn([first, picks]: readonly [{ columns: Expr[] }, readonly number[]]): Step[] {
  const made = first.columns.map((expr, i): Expr => {
    return { kind: 'column', name: `y0${i}`, type: expr.type }
  })
  const picked = picks.map(pick => made[pick % made.length] as Expr)
  const isNull = picked.map((input): Expr => {
    return { kind: 'call', name: 'isNull', args: [input], type: t.boolean() }
  })
  const equal = picked.flatMap((input): Expr[] => {
    const { kind } = input.type
    return kind === 'json' ? [] : [callOf('eq', [input, input])]
  })
  const last = { columns: [...isNull, ...equal, ...first.columns] }
  return [first, { where: isNull[0] as Expr }, last]
}

/**
 * The first of so many random stages that are not the same both ways, in words; null = none.
 * @param isShrunk a smaller one is looked for.
 */
export function firstDifference(count: number, isShrunk: boolean): string | null {
  const property = fc.property(
    rows,
    selected,
    steps,
    fc.boolean(),
    (given, chosen, stage, isSkipping) => {
      const batch = batchOf(given, chosen)
      const policy = isSkipping ? skip() : fail()
      const [interpreted, generated] = [false, true].map(generates =>
        run(batch, stage, generates, policy),
      )
      assert.deepStrictEqual(generated, interpreted)
    },
  )
  const seed = isShrunk ? {} : { seed: 7 }
  const found = fc.check(property, { numRuns: count, endOnFailure: !isShrunk, ...seed })
  return found.failed ? (fc.defaultReportMessage(found) ?? 'failed') : null
}
