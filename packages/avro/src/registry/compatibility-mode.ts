/**
 * The seven modes of compatibility: which readers must be able to read what which writers wrote.
 *
 *   BACKWARD   the new schema reads what the latest one wrote: readers first
 *   FORWARD    the latest schema reads what the new one writes: writers first
 *   FULL       both
 *   …_TRANSITIVE   not the latest version alone, every one
 *   NONE       nobody asks
 */
export const COMPATIBILITY_MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const

export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number]

export interface ModeRules {
  /** The new schema reads data of earlier ones. */
  readonly isBackward: boolean
  /** Earlier ones read data of the new schema. */
  readonly isForward: boolean
  /** Every earlier version, not the latest alone. */
  readonly isTransitive: boolean
}

export function modeRules(mode: CompatibilityMode): ModeRules {
  return {
    isBackward: mode.startsWith('BACKWARD') || mode.startsWith('FULL'),
    isForward: mode.startsWith('FORWARD') || mode.startsWith('FULL'),
    isTransitive: mode.endsWith('_TRANSITIVE'),
  }
}

export function isCompatibilityMode(value: unknown): value is CompatibilityMode {
  return (COMPATIBILITY_MODES as readonly unknown[]).includes(value)
}
