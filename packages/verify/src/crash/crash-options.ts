/** What `crash` can be told, checked. */
import { parseArgs } from 'node:util'
import type { Guarantee } from '@millrace/core'
import { settingsOf } from '../settings-of.ts'
import { UsageError, type World } from '../world.ts'
import type { ClientSettings } from './story.ts'

export interface CrashOptions {
  readonly guarantees: readonly Guarantee[]
  /** All in all; null = as long as the whole plan takes. */
  readonly minutes: number | null
  readonly seed: number
  readonly settings: ClientSettings
}

const GUARANTEES: readonly Guarantee[] = ['at-least-once', 'exactly-once']

/** @throws UsageError */
export function parseCrashOptions(args: readonly string[], world: World): CrashOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guarantee: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      broker: { type: 'string' },
      settings: { type: 'string' },
    },
  })
  const guarantees = GUARANTEES.filter(name => name === (values.guarantee ?? name))
  if (guarantees.length === 0) {
    throw new UsageError(`--guarantee takes ${GUARANTEES.join(' or ')}, not ${values.guarantee}`)
  }
  return {
    guarantees,
    minutes: values.minutes === undefined ? null : number('minutes', values.minutes, 0),
    seed: number('seed', values.seed, 1 + Math.floor(Math.random() * 1e6)),
    settings: settingsOf(values.broker ?? world.broker?.bootstrap, values.settings),
  }
}

function number(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new UsageError(`--${name} takes a number above 0, not ${text}`)
}
