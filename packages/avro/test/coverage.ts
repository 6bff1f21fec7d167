/** What generated schemas and changes hold: every type, logical type and rule of resolution. */
import { PRIMITIVES } from '../src/avro-schema/avro-type.ts'
import { FIXED_LOGICAL, LOGICAL_TYPES } from './generated-schema.ts'

export class Coverage {
  readonly counts = new Map<string, number>()

  note(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }
}

/** All that a `Coverage` may count. */
export const EVERY_PART: readonly string[] = [
  ...[...PRIMITIVES, 'fixed', 'enum', 'array', 'map', 'record'],
  ...['nullable', 'union of several', 'union of null'],
  ...['type that holds itself', 'type used by its name'],
  ...new Set(LOGICAL_TYPES.map(type => `logical ${type['logicalType']}`)),
  ...FIXED_LOGICAL.map(type => `logical ${type['logicalType']} of fixed`),
  ...[
    ...['int to long', 'int to float', 'int to double', 'long to float', 'long to double'],
    ...['float to double', 'string to bytes', 'bytes to string'],
  ].map(promotion => `rule: promoted ${promotion}`),
  ...[
    ...['fields in another order', 'field renamed, with an alias', 'type renamed, with an alias'],
    ...['type in another namespace', 'field that the reader does not have'],
    ...['field with a default', 'field without a default'],
    ...[
      'symbols in another order',
      'symbol gone, with a default',
      'symbol gone, without a default',
    ],
    ...['union in another order', 'branch taken out of a union'],
    ...['writer is a union, reader is none', 'reader is a union, writer is none'],
    ...['type that does not match', 'fixed of another size'],
  ].map(rule => `rule: ${rule}`),
]
