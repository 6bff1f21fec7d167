/**
 * From what a server says of a query's parameters, and the frame, to what is bound where; or to the
 * list of everything that does not fit.
 *
 * Parameters go by name: the exact name, else a column whose lower case it is, which is what CQL
 * makes of names without quotes. `params` renames and computes.
 */
import { type DataType, didYouMean, type Schema, t } from '@millrace/core'
import { showName } from './cql-name.ts'
import { cqlText } from './cql-type.ts'
import type { Prepared, PreparedParameter } from './prepared.ts'
import type { QuerySettings } from './query-options.ts'
import type { Parameter, Statement } from './statement.ts'
import type { BoundColumn, Frame } from './table-plan.ts'
import { fits, misfitText } from './type-fit.ts'

export interface QueryPlan {
  readonly statement: Statement
  /** Of what is bound; empty: statements are sent one after the other. */
  readonly partitionKey: readonly BoundColumn[]
}

export interface QueryPlanResult {
  readonly plan: QueryPlan
  readonly problems: readonly string[]
}

export function planQuery(
  cql: string,
  prepared: Prepared,
  settings: QuerySettings,
  frame: Frame,
): QueryPlanResult {
  const { parameters, partitionKey } = prepared
  const problems = unknownNames(prepared, settings)
  const bound = parameters.map((parameter, nth) => {
    const isKey = partitionKey.includes(nth)
    const made = isName(settings.writeTime, parameter.name)
      ? timeParameter(parameter)
      : boundParameter(parameter, isKey, settings, frame)
    if (typeof made !== 'string') return made
    // A parameter that stands twice is wrong once.
    if (!problems.includes(made)) problems.push(made)
    return null
  })
  const known = bound.filter(each => each !== null)
  const keys = partitionKey.flatMap(nth => {
    const each = bound[nth]
    return each?.kind === 'column' ? [each.bound] : []
  })
  const plan = { statement: { cql, parameters: known }, partitionKey: keys }
  return { plan, problems }
}

/** What the user named, and the query has not. */
function unknownNames({ parameters }: Prepared, settings: QuerySettings): string[] {
  const names = parameters.map(({ name }) => name)
  if (names.length === 0) return ['the query has no parameter, such as :id']
  const given = [
    ...[...settings.params.keys()].map(name => ({ name, by: 'params' })),
    ...(settings.writeTime === null ? [] : [{ name: settings.writeTime, by: 'writeTime' }]),
  ]
  return given
    .filter(({ name }) => !names.some(each => isName(name, each)))
    .map(
      ({ name, by }) => `the query has no parameter :${name} for ${by}.${didYouMean(name, names)}`,
    )
}

function timeParameter({ name, type }: PreparedParameter): Parameter | string {
  if (type.kind === 'bigint') return { kind: 'time' }
  return `writeTime is for a bigint, as after USING TIMESTAMP; :${name} is ${cqlText(type)}`
}

function boundParameter(
  { name, type }: PreparedParameter,
  isKey: boolean,
  settings: QuerySettings,
  { schema, computed }: Frame,
): Parameter | string {
  const shown = `:${showName(name)}`
  const given = [...settings.params].find(([each]) => isName(each, name))
  const from = given?.[1] ?? columnFor(name, schema, computed)
  const frameType = from === null ? null : typeOf(from, schema)
  if (from === null || frameType === null) {
    const wanted = from ?? name
    const near = didYouMean(
      wanted,
      schema.names.filter(each => !computed.has(each)),
    )
    return (
      `${shown} (${cqlText(type)}): the frame has no column ${JSON.stringify(wanted)}.${near} ` +
      `Say where it comes from: params: { ${name}: … }`
    )
  }
  if (!fits(frameType, type)) return misfitText(from, frameType, `${shown} of the query`, type)
  const bound = { column: shown, field: null, type, from, op: 'set', isKey } as const
  return { kind: 'column', bound }
}

function columnFor(name: string, schema: Schema, computed: Frame['computed']): string | null {
  const names = schema.names.filter(each => !computed.has(each))
  const found = names.find(each => each === name) ?? names.find(each => each.toLowerCase() === name)
  return found ?? (schema.isOpen ? name : null)
}

function typeOf(name: string, schema: Schema): DataType | null {
  if (schema.has(name)) return schema.typeOf(name)
  return schema.isOpen ? t.json().nullable() : null
}

/** As a user writes it, and as the server has it. */
function isName(written: string | null, name: string): boolean {
  return written === name || written?.toLowerCase() === name
}
