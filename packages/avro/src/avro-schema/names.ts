/**
 * Names: a full name is a name with its namespace in front. A name with a dot is full already; one
 * without has the namespace beside it, else that of the type around it. An empty namespace is none.
 */
import { PRIMITIVES, type PrimitiveName } from './avro-type.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const NAME_LENGTH_MAX = 512

/** A name as records' fields and enums' symbols have it. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= NAME_LENGTH_MAX && NAME.test(value)
}

/** A name with or without a namespace. */
export function isFullName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= NAME_LENGTH_MAX &&
    value.split('.').every(part => NAME.test(part))
  )
}

export function isPrimitive(name: unknown): name is PrimitiveName {
  return (PRIMITIVES as readonly unknown[]).includes(name)
}

export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

export function namespaceOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(0, dot)
}
