/**
 * The source of the scan of one writer's records into the columns read of one reader's schema.
 *
 * One pass over the bytes of a record, field by field in the writer's order. Every value is checked
 * to its end, read or not; where one is not valid the record is left to the clear decoder, which
 * says why. Names are not in the code at all, so nothing of a schema can be taken for code; what a
 * schema gives (positions of symbols, readers of nested values) is passed in by number.
 *
 * `low` and `high` are the halves of the int or long read last, or a size in `low`.
 */
import type { FixedType, PrimitiveType } from '../avro-schema/avro-type.ts'
import { Cursor } from './cursor.ts'
import type { EnumResolution, Resolution, ScalarResolution } from './resolution.ts'
import type { ScanPlan, ScanStep } from './scan-plan.ts'
import { unitsPerMs } from './time.ts'
import { ValueFault } from './value-fault.ts'
import { isTime, isWrapped, type ValueForm } from './value-form.ts'
import type { ValueReader } from './value-reader.ts'

export interface ScanCode {
  /** The body of a function of the names in `SCAN_PARTS` and `constants` that gives the scan. */
  readonly code: string
  readonly constants: readonly unknown[]
}

const LEAVE = 'return index'
const HALF = '4294967296'

export function scanCode(plan: ScanPlan): ScanCode {
  const maker = new ScanCodeMaker(plan)
  return { code: maker.scan(), constants: maker.constants }
}

class ScanCodeMaker {
  readonly constants: unknown[] = []
  readonly #plan: ScanPlan

  constructor(plan: ScanPlan) {
    this.#plan = plan
  }

  scan(): string {
    const { types, steps, defaults, missing, whole } = this.#plan
    const columns = types.map((_, column) => column)
    const fields = steps.map(step => this.#step(step))
    const fills = [
      ...defaults.map(({ column, make }) => {
        return `cells${column}.put(index, ${this.#constant(make)}())`
      }),
      ...missing.map(column => `cells${column}.setNull(index)`),
    ]
    const wholes =
      whole === null
        ? ''
        : `rest.values[index] = start[index] + head
          rest.size[index] = size[index] - head
          rest.by[index] = whole`
    const code = `return function scan(data, view, start, size, from, count, cells, rest, head) {
  ${columns.map(column => this.#locals(column)).join('\n')}
  ${whole === null ? '' : `const whole = rest.use(${this.#constant(whole)})`}
  for (let index = from; index < count; index++) {
    if (size[index] < 0) {
      ${columns.map(column => `cells${column}.setNull(index)`).join('\n')}
      ${whole === null ? '' : 'rest.setNull(index)'}
      continue
    }
    let at = start[index] + head
    const end = at + size[index] - head
    let low = 0
    let high = 0
    ${fields.join('\n')}
    if (at !== end) ${LEAVE}
    ${fills.join('\n')}
    ${wholes}
  }
  return count
}`
    // Generated functions have a bound on their length.
    return code.replaceAll(/\n\s+/g, '\n')
  }

  #locals(column: number): string {
    const kind = this.#plan.types[column]?.kind
    const cells = `const cells${column} = cells[${column}], values${column} = cells${column}.values`
    if (kind === 'json') {
      return `${cells}, size${column} = cells${column}.size, by${column} = cells${column}.by`
    }
    if (kind !== 'string' && kind !== 'bytes') return cells
    return `${cells}, size${column} = cells${column}.size,
      symbolStart${column} = cells${column}.symbolStart,
      symbolSize${column} = cells${column}.symbolSize`
  }

  #step(step: ScanStep): string {
    const { column } = step
    const kind = column < 0 ? null : this.#plan.types[column]?.kind
    const isPlain = kind !== 'json' && isFlat(step.resolution, step.form, kind === null)
    if (isPlain) return this.#value(step.resolution, column, step.form)
    const reader = this.#constant(step.reader)
    const check = `at = ${this.#constant(checker(step.reader))}(data, at, end)
      if (at < 0) ${LEAVE}`
    if (column < 0) return check
    return `{
      const from = at
      ${check}
      values${column}[index] = from
      size${column}[index] = at - from
      by${column}[index] = cells${column}.use(${reader})
    }`
  }

  #value(resolution: Resolution, column: number, form: ValueForm): string {
    switch (resolution.kind) {
      case 'scalar':
        return this.#scalar(resolution, column, form)
      case 'enum':
        return this.#enum(resolution, column)
      case 'reader-union':
        return this.#value(resolution.value, column, form)
      case 'writer-union': {
        const branches = resolution.branches.map((branch, i) => {
          return `case ${i}: { ${this.#value(branch, column, form)}
            break
          }`
        })
        return `${READ_INT}
          switch (low) {
            ${branches.join('\n')}
            default: ${LEAVE}
          }`
      }
      default:
        return LEAVE
    }
  }

  #enum({ indices }: EnumResolution, column: number): string {
    const isSame = indices.every((index, i) => index === i)
    const check = `${READ_INT}
      if (low < 0 || low >= ${indices.length}) ${LEAVE}`
    const map = isSame ? '' : `low = ${this.#constant(indices)}[low]\nif (low < 0) ${LEAVE}`
    const store =
      column < 0
        ? ''
        : `values${column}[index] = symbolStart${column}[low]
          size${column}[index] = symbolSize${column}[low]`
    return `${check}\n${map}\n${store}`
  }

  #scalar({ writer, reader }: ScalarResolution, column: number, form: ValueForm): string {
    const values = column < 0 ? '' : `values${column}`
    switch (writer.kind) {
      case 'null':
        return values && `cells${column}.setNull(index)`
      case 'boolean':
        return `if (at >= end) ${LEAVE}
          low = data[at++]
          if (low > 1) ${LEAVE}
          ${values && `if (low === 1) ${values}[index >>> 3] |= 1 << (index & 7)`}`
      case 'int':
        return `${READ_INT}\n${wholeCode(reader as PrimitiveType, 'low >> 31', values, form)}`
      case 'long':
        return `${READ_LONG}\n${wholeCode(reader as PrimitiveType, 'high', values, form)}`
      case 'float':
        return floatCode(4, 'getFloat32', values)
      case 'double':
        return floatCode(8, 'getFloat64', values)
      case 'fixed':
        return `{ if (${writer.size} > end - at) ${LEAVE}
          const from = at
          at += ${writer.size}
          ${bytesCode(reader, column)} }`
      default:
        return `{ ${READ_LONG}
          if (high !== 0 || low < 0 || low > end - at) ${LEAVE}
          const from = at
          at += low
          ${bytesCode(reader, column)} }`
    }
  }

  #constant(value: unknown): string {
    return `constants[${this.constants.push(value) - 1}]`
  }
}

/** Whether a value becomes one cell of a plain column, whichever branch was written. */
export function isFlat(resolution: Resolution, form: ValueForm, isSkipped: boolean): boolean {
  switch (resolution.kind) {
    case 'scalar':
      return isSkipped || !isDuration(resolution.reader)
    case 'enum':
    case 'error':
      return true
    case 'reader-union':
      return (
        (isSkipped || !isWrapped(resolution.reader, form)) &&
        isFlat(resolution.value, form, isSkipped)
      )
    case 'writer-union':
      return resolution.branches.every(branch => isFlat(branch, form, isSkipped))
    default:
      return false
  }
}

function isDuration({ logical }: PrimitiveType | FixedType): boolean {
  return logical?.kind === 'duration'
}

/** Steps over a value that may be nested; -1 where it is not valid. */
function checker(reader: ValueReader): (data: Buffer, at: number, end: number) => number {
  const cursor = new Cursor()
  return (data, at, end) => {
    cursor.open(data, at, end)
    try {
      reader.skip(cursor)
      return cursor.at
    } catch (error) {
      if (error instanceof ValueFault) return -1
      throw error
    }
  }
}

const READ_LONG = `if (at < end && data[at] < 0x80) {
      low = data[at++]
      low = (low >>> 1) ^ -(low & 1)
      high = low >> 31
    } else {
      at = longEnd(data, at, end)
      if (at < 0) ${LEAVE}
      low = WORDS[0]
      high = WORDS[1]
    }`

const READ_INT = `if (at < end && data[at] < 0x80) {
      low = data[at++]
      low = (low >>> 1) ^ -(low & 1)
    } else {
      at = intEnd(data, at, end)
      if (at < 0) ${LEAVE}
      low = WORDS[0]
    }`

/** A whole number whose halves are `low` and `high`. */
function wholeCode(reader: PrimitiveType, high: string, values: string, form: ValueForm): string {
  const words = values && `${values}[2 * index] = low; ${values}[2 * index + 1] = ${high}`
  const number = `(${high}) * ${HALF} + (low >>> 0)`
  if (reader.kind === 'int') return values && `${values}[index] = low`
  if (reader.kind === 'double') return values && `${values}[index] = ${number}`
  if (reader.kind === 'float') return values && `${values}[index] = floatOf(low, ${high})`
  if (isTime(reader, form)) {
    const units = unitsPerMs(reader.logical)
    if (units !== 1n) {
      return `{ const ms = millisecondsOf(low, ${high}, ${units})
        if (ms !== ms) ${LEAVE}
        ${values && `${values}[2 * index] = ms`}
        ${values && `${values}[2 * index + 1] = Math.floor(ms / ${HALF})`} }`
    }
    return `{ const ms = ${number}
      if (ms > 8.64e15 || ms < -8.64e15) ${LEAVE}
      ${words} }`
  }
  if (form.long === 'bigint') return words
  return `if (!isSafe(low, ${high})) ${LEAVE}\n${words}`
}

function floatCode(size: number, get: string, values: string): string {
  return `if (${size} > end - at) ${LEAVE}
    ${values && `${values}[index] = view.${get}(at, true)`}
    at += ${size}`
}

/** Bytes from `from` to `at`. */
function bytesCode(reader: PrimitiveType | FixedType, column: number): string {
  const range = column < 0 ? '' : `values${column}[index] = from; size${column}[index] = at - from`
  if (reader.kind === 'string') return `if (!isTextIn(data, view, from, at)) ${LEAVE}\n${range}`
  const { logical } = reader
  if (logical?.kind === 'decimal') {
    return `if (!isDecimal(data, from, at, ${logical.precision})) ${LEAVE}
      ${column < 0 ? '' : `cells${column}.setDecimal(index, data, from, at, ${logical.scale})`}`
  }
  if (logical?.kind === 'uuid') {
    return column < 0 ? '' : `cells${column}.setUuid(index, data, from, at)`
  }
  return range
}
