/**
 * What a plan knows about record keys at a point of the chain. Rules and outputs read it; nobody
 * asks which step made it.
 */
import type { ScalarSerde } from '../serde/scalar-serde.ts'

export interface KeyInfo {
  /** The columns whose values the key holds, in order; null = no such relation is known. */
  readonly columns: readonly string[] | null
  /** How the key bytes are written: by a serde, as an internal group key, or unknown. */
  readonly encoding:
    | { readonly kind: 'serde'; readonly serde: ScalarSerde }
    | { readonly kind: 'group' }
    | { readonly kind: 'unknown' }
  /** Records of equal keys are in one partition. */
  readonly isPartitioned: boolean
}

/**
 * The key after a projection: its columns under their new names, or unknown when one is not passed
 * on.
 */
export function renamedKey(key: KeyInfo, nameAfter: (name: string) => string | undefined): KeyInfo {
  const columns = key.columns?.map(nameAfter) ?? null
  const isKnown = columns?.every(name => name !== undefined)
  return { ...key, columns: isKnown ? (columns as string[]) : null }
}

/** True when grouping by these columns is what the key already does. */
export function isKeyedBy(key: KeyInfo, columns: readonly string[]): boolean {
  return (
    key.isPartitioned &&
    key.columns !== null &&
    key.columns.length === columns.length &&
    columns.every(column => key.columns?.includes(column))
  )
}
