/**
 * The text of a stage's loop:
 *
 *   for each selected record i
 *     a tombstone stays
 *     fault: {
 *       filters: what does not hold goes on to the next record
 *       projections: cells in locals; those that leave the stage are written
 *       the record stays
 *     }
 *     a record that faults: to `slow`; without one, the whole batch is given back (-1)
 *
 * Nothing of a user's is in the text but numbers.
 */
import type { Batch } from '../../batch/batch.ts'
import type { OutputColumn } from '../../batch/output-column.ts'
import type { DataType } from '../../schema/data-type.ts'
import type { ColumnExpr } from '../expr.ts'
import { emit } from './emit.ts'
import { type Binding, type BoundReader, Emitter } from './emitter.ts'
import type { KernelStep } from './stage-kernel.ts'
import type { Value } from './value.ts'

export interface LoopArguments {
  readonly constants: readonly unknown[]
  readonly inputs: readonly unknown[]
  readonly readers: readonly BoundReader[]
  readonly outputs: readonly OutputColumn[]
  readonly selection: Int32Array | null
  readonly count: number
  readonly tombstones: Uint8Array | null
  /** For the columns without nulls, where code is for all batches. */
  readonly ones: Uint8Array | null
  readonly kept: Int32Array
  /** False: the record is left out. */
  readonly slow: ((index: number) => boolean) | null
}

export interface Loop {
  readonly body: string
  readonly columns: readonly ColumnExpr[]
  readonly constants: readonly unknown[]
  readonly readers: readonly ((batch: Batch) => BoundReader)[]
  readonly outputs: readonly { readonly type: DataType; readonly mayBeNull: boolean }[]
  /** Columns behind the stage: of the input by name, or computed; null = those of the input. */
  readonly layout: readonly (string | number)[] | null
  /** Columns of the input that pass on. */
  readonly passed: readonly string[]
}

/** The batches that a loop is for. */
export interface LoopFor {
  readonly hasNulls: (column: ColumnExpr) => boolean
  readonly hasTombstones: boolean
}

/** Null when the steps cannot be one loop. */
export function stageLoop(steps: readonly KernelStep[], batches: LoopFor): Loop | null {
  const emitter = new Emitter(batches.hasNulls)
  let last: readonly [string, Binding, DataType][] | null = null
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'filter') {
      if (!emitFilter(emitter, step)) return null
      continue
    }
    last = emitProject(emitter, step, at < steps.length - 1)
    if (last === null) return null
    emitter.bindings = new Map(last.map(([name, binding]) => [name, binding]))
  }
  const computed = (last ?? []).flatMap(([, binding, type]) =>
    'kind' in binding ? [] : [{ value: binding, type }],
  )
  const outputs = computed.map(({ value, type }) => ({
    type,
    mayBeNull: value.isNull !== null || batches.hasTombstones,
  }))
  for (const { value, type } of computed) emitCheck(emitter, value, type)
  for (const [i, { value, type }] of computed.entries()) {
    emitStore(emitter, { at: i, value, type, mayBeNull: outputs[i]?.mayBeNull === true })
  }
  let next = 0
  const layout = last?.map(([, binding]) => ('kind' in binding ? binding.name : next++)) ?? null
  return {
    body: bodyOf(emitter, outputs.length, batches),
    columns: emitter.columns,
    constants: emitter.constants,
    readers: emitter.readers,
    outputs,
    layout,
    passed: layout?.filter(place => typeof place === 'string') ?? [],
  }
}

function emitFilter(emitter: Emitter, step: Extract<KernelStep, { kind: 'filter' }>): boolean {
  const value = emit(emitter, step.predicate)
  if (value?.holding !== 'boolean') return false
  const { code, isNull } = value
  emitter.push(`if (${isNull === null ? '' : `(${isNull}) || `}!(${code})) continue;`)
  return true
}

/** The columns behind a projection, in order. */
function emitProject(
  emitter: Emitter,
  step: Extract<KernelStep, { kind: 'project' }>,
  isReadOn: boolean,
): [string, Binding, DataType][] | null {
  const made: [string, Binding, DataType][] = []
  for (const [i, { name, expr }] of step.columns.entries()) {
    const type = step.schema.fields[i]?.type as DataType
    if (expr.kind === 'column') {
      const bound = emitter.bindings === null ? expr : emitter.bindings.get(expr.name)
      if (bound === undefined) return null
      made.push([name, bound, type])
      continue
    }
    const value = emit(emitter, expr)
    if (value === null) return null
    made.push([name, inColumn(emitter, value, isReadOn), type])
  }
  return made
}

/** The cell as later steps see it: in locals, and text as a column would have stored it. */
function inColumn(emitter: Emitter, value: Value, isReadOn: boolean): Value {
  const {
    holding,
    isNull,
    mayBeNaN = false,
    isWhole = false,
  } = emitter.held({
    ...value,
    code: emitter.exact(value),
  })
  const code = emitter.local(emitter.exact(value))
  const plain = { holding, code, isNull, mayBeNaN, isWhole }
  if (!isReadOn || holding !== 'text') return plain
  const stored = `${code}.toWellFormed()`
  return { ...plain, code: emitter.local(isNull === null ? stored : `${isNull} ? '' : ${stored}`) }
}

/** What a column cannot store is a fault, before any column is written. */
function emitCheck(emitter: Emitter, value: Value, { kind }: DataType): void {
  if (value.isWhole === true || (kind !== 'int64' && kind !== 'timestamp')) return
  emitter.fault(`Math.floor(${value.code}) !== ${value.code}`, value.isNull)
}

interface Store {
  readonly at: number
  readonly value: Value
  readonly type: DataType
  readonly mayBeNull: boolean
}

function emitStore(emitter: Emitter, { at, value, type, mayBeNull }: Store): void {
  const { code, isNull } = value
  const cell = `${isNull === null ? '' : `${isNull} ? null : `}${code}`
  const stores: Readonly<Record<string, string>> = {
    float64: `o${at}[i] = ${code};`,
    int32: `o${at}[i] = ${code};`,
    int64: storeHalves(at, code),
    timestamp: storeHalves(at, code),
    boolean: `if (${code}) o${at}[i >>> 3] |= 1 << (i & 7);`,
  }
  const store = stores[type.kind]
  if (store === undefined) emitter.push(`O${at}.put(i, ${cell});`)
  else if (!mayBeNull) emitter.push(store)
  else {
    const isPresent = isNull === null ? '' : `if (!(${isNull})) `
    emitter.push(`${isPresent}{ ${store} p${at}[i >>> 3] |= 1 << (i & 7); }`)
  }
}

function storeHalves(at: number, code: string): string {
  return `o${at}[2 * i] = ${code}; o${at}[2 * i + 1] = Math.floor(${code} / 4294967296);`
}

function bodyOf(emitter: Emitter, outputs: number, { hasTombstones }: LoopFor): string {
  const record = emitter.lines.join('\n')
  const tombstone = 'if ((tombstones[i >>> 3] >>> (i & 7) & 1) === 1) { kept[k++] = i; continue; }'
  const stays = 'kept[k++] = i; continue;'
  const guarded = emitter.mayThrow
    ? `try {\n${record}\n${stays}\n} catch {}`
    : `${record}\n${stays}`
  return [
    'const { constants, inputs, readers, outputs, selection, count } = of;',
    'const { tombstones, ones, kept, slow } = of;',
    ...emitter.constants.map((_, i) => `const k${i} = constants[${i}];`),
    ...emitter.readers.map((_, i) => `const r${i} = readers[${i}];`),
    ...emitter.columns.map(({ type }, i) => loadColumn(type, i)),
    ...Array.from(
      { length: outputs },
      (_, i) => `const O${i} = outputs[${i}], o${i} = O${i}.values, p${i} = O${i}.validity;`,
    ),
    'let k = 0;',
    'for (let nth = 0; nth < count; nth++) {',
    'const i = selection === null ? nth : selection[nth];',
    ...(hasTombstones ? [tombstone] : []),
    'fault: {',
    guarded,
    '}',
    'if (slow === null) return -1;',
    'if (slow(i)) kept[k++] = i;',
    '}',
    'return k;',
  ].join('\n')
}

function loadColumn({ kind }: DataType, i: number): string {
  const validity = `const c${i} = inputs[${i}], n${i} = c${i}.validity ?? ones`
  switch (kind) {
    case 'string':
      return `${validity}, d${i} = c${i}.data, s${i} = c${i}.start, z${i} = c${i}.size;`
    case 'boolean':
      return `${validity}, v${i} = c${i}.bits;`
    case 'int64':
    case 'timestamp':
      return `${validity}, w${i} = c${i}.words;`
    default:
      return `${validity}, v${i} = c${i}.values;`
  }
}
