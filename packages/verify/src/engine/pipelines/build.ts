/**
 * A program as a user would write it: topics and frames of an application. What stands here uses
 * the public interface alone. Some functions name the columns they read and some take whole rows,
 * as the engine shows those different things.
 */
import {
  type AggregateCall,
  type Application,
  count,
  hopping,
  json,
  max,
  mean,
  min,
  type Schema,
  type StreamingDataFrame,
  schema,
  string,
  sum,
  type Topic,
  tumbling,
} from '@millrace/core'
import { reducedColumn } from './aggregate-maker.ts'
import { type Column, dataType } from './cell.ts'
import type { Expr } from './expression.ts'
import {
  type Aggregate,
  KEY_COLUMN,
  measure,
  type Program,
  type Step,
  type WindowStep,
} from './program.ts'
import { type Fluent, toColumns } from './to-columns.ts'

type Frame = StreamingDataFrame<Record<string, unknown>>
type Row = Record<string, unknown>

export interface Built {
  readonly input: Topic
  readonly outputs: readonly { readonly topic: Topic; readonly step: OutputStep }[]
  /** How many rows functions of `tap` have seen. */
  readonly taps: () => number
}

type OutputStep = Extract<Step, { kind: 'output' }>

export function build(app: Application, program: Program): Built {
  const builder = new Builder(app)
  const { columns, keyColumn, timestamp, disorderMs } = program
  const key = keyColumn === 'none' ? {} : { key: string(), keyColumn: KEY_COLUMN }
  const input = app.topic('input', {
    ...key,
    value: json(schemaOf(columns, false)),
    disorder: disorderMs,
    idle: '1s',
    ...(timestamp !== null && { timestamp: timestamp as never }),
  })
  builder.path(app.dataframe(input) as never, program.steps)
  return { input, outputs: builder.outputs, taps: () => builder.taps }
}

/** Built from entries, so that `__proto__` is a column like any other. */
function schemaOf(columns: readonly Column[], isNullable: boolean): Schema {
  const types = columns.map(
    column => [column.name, dataType(isNullable ? { ...column, isNullable } : column)] as const,
  )
  return schema(Object.fromEntries(types))
}

class Builder {
  readonly outputs: { topic: Topic; step: OutputStep }[] = []
  taps = 0
  readonly #app: Application

  constructor(app: Application) {
    this.#app = app
  }

  path(frame: Frame, steps: readonly Step[]): void {
    const [step, ...rest] = steps
    if (step === undefined) return
    if (step.kind === 'branch') {
      for (const branch of step.branches) this.path(frame, branch)
    } else if (step.kind === 'window') this.#window(frame, step)
    else if (step.kind === 'output') this.#output(frame, step)
    else this.path(this.#step(frame, step), rest)
  }

  #output(frame: Frame, step: OutputStep): void {
    const topic = this.#app.topic(step.topic, { value: json(schemaOf(step.columns, true)) })
    frame.toTopic(topic as never)
    this.outputs.push({ topic, step })
  }

  #step(frame: Frame, step: Step): Frame {
    switch (step.kind) {
      case 'where':
        return frame.where(computed(step.expr) as never)
      case 'filter':
        return frame.filter(readingByName(`measure(${cell(step.column.name)}) % 2 === 0`) as never)
      case 'select':
        return frame.select(projection(step.columns) as never) as never
      case 'withColumns':
        return frame.withColumns(projection(step.columns) as never) as never
      case 'drop':
        return frame.drop(...step.columns.map(({ name }) => name)) as never
      case 'rename':
        return frame.rename(Object.fromEntries(step.names) as never) as never
      case 'fillNull':
        return frame.fillNull(
          Object.fromEntries(
            step.values.map(([{ name, kind }, value]) => [
              name,
              kind === 'timestamp' ? new Date(value as number) : value,
            ]),
          ) as never,
        ) as never
      case 'map':
      case 'flatMap':
        return mapped(frame, step)
      case 'tap':
        return frame.tap(() => {
          this.taps++
        })
      case 'withKey':
        return frame.withKey(computed(step.expr) as never)
      case 'withTimestamp':
        return frame.withTimestamp(computed(step.expr) as never)
      case 'withHeaders':
        return frame.withHeaders((row, headers) => {
          const value = Buffer.from(String(measure(row[step.column.name])))
          return [...headers, { name: 'h', value }]
        })
      default:
        throw new Error(`${step.kind} is no step`)
    }
  }

  #window(frame: Frame, step: WindowStep): void {
    const { id, groupBy, sizeMs, stepMs, graceMs: grace } = step
    const window =
      stepMs === sizeMs ? tumbling(sizeMs, { grace }) : hopping(sizeMs, { step: stepMs, grace })
    const options = { name: `window-${id}` }
    const windowed =
      groupBy === null
        ? frame.window(window, options)
        : frame.groupBy(groupBy, { name: `group-${id}` }).window(window, options)
    const aggregated =
      step.reduced === null
        ? windowed.agg(columns =>
            Object.fromEntries(
              step.aggregates.map(each => [each.name, aggregateCall(each, columns as never)]),
            ),
          )
        : windowed.reduce(reducing(step.reduced) as never)
    this.path(aggregated.final() as never, step.results)
    if (step.late.length > 0) this.path(aggregated.late() as never, step.late)
  }
}

function computed(expr: Expr): (columns: Readonly<Record<string, Fluent>>) => unknown {
  return columns => toColumns(expr, columns)
}

function projection(columns: readonly { readonly name: string; readonly expr: Expr }[]) {
  return (from: Readonly<Record<string, Fluent>>) =>
    Object.fromEntries(columns.map(({ name, expr }) => [name, toColumns(expr, from)]))
}

/** A cell of the row, as a user's source names it. */
function cell(name: string): string {
  return `row[${JSON.stringify(name)}]`
}

/** A function whose source reads its row by names alone, so it is shown a lazy view. */
function readingByName(expression: string): (row: Row) => unknown {
  return new Function('measure', `return row => ${expression}`)(measure) as (row: Row) => unknown
}

function mapped(frame: Frame, step: Extract<Step, { kind: 'map' | 'flatMap' }>): Frame {
  const { column, into } = step
  const options = { schema: schemaOf(step.schema, false) }
  if (step.kind === 'map' && step.schema.length % 2 === 0) {
    const cells = step.schema.map(({ name }) =>
      name === into ? `measure(${cell(column.name)})` : cell(name),
    )
    const pairs = step.schema.map(({ name }, i) => `[${JSON.stringify(name)}]: ${cells[i]}`)
    return frame.map(readingByName(`({ ${pairs} })`) as never, options as never) as never
  }
  if (step.kind === 'map') {
    return frame.map(
      row => ({ ...row, [into]: measure(row[column.name]) }),
      options as never,
    ) as never
  }
  const several = (row: Row): Row[] =>
    Array.from({ length: measure(row[column.name]) % 3 }, (_, i) => ({ ...row, [into]: i }))
  return frame.flatMap(several, options as never) as never
}

function reducing({ column, into }: NonNullable<WindowStep['reduced']>) {
  const one = (row: Row): number => 1 + measure(row[column.name])
  return {
    schema: schemaOf([reducedColumn(into)], false),
    init: (row: Row): Row => ({ [into]: one(row) }),
    add: (made: Row, row: Row): Row => ({ [into]: (made[into] as number) + one(row) }),
  }
}

function aggregateCall(
  { fn, input }: Aggregate,
  columns: Readonly<Record<string, Fluent>>,
): AggregateCall {
  if (input === null) return count()
  const cell = toColumns(input, columns) as never
  const calls: Record<string, (cell: never) => AggregateCall> = { count, sum, mean, min, max }
  return (calls[fn] as (cell: never) => AggregateCall)(cell)
}
