/**
 * The settings of `kafka({...})`, checked, and sorted by the client that takes them.
 *
 * Nothing leads from here to a log or an error but through `redact`, which knows the secrets.
 */
import { didYouMean, MillraceError } from '@millrace/core'
import type { NativeConf } from './native-client.ts'
import { SETTINGS, type SettingUse } from './settings-table.ts'

/** Gives a token to the client, as `oauthbearer_token_refresh_cb` of the Kafka client does. */
export type TokenRefresh = (config: string, ...rest: never[]) => unknown

/**
 * Settings of librdkafka by their own names, for example `bootstrap.servers`, `security.protocol`,
 * `sasl.password`, `linger.ms`.
 */
export type KafkaSettings = { readonly 'bootstrap.servers': string } & {
  readonly [name: string]: string | number | boolean | TokenRefresh | undefined
}

/** What one native client is made with. */
export interface ClientConf {
  readonly conf: NativeConf
  /** Must be handed in apart: a second argument replaces topic settings of the first. */
  readonly topicConf: NativeConf
}

/** Shorter secrets would blot out innocent text, and are no secrets. */
const SECRET_CHARS_MIN = 3

/** Settings of sessions that the newer group protocol leaves to the broker. */
const CLASSIC_ONLY = ['session.timeout.ms', 'heartbeat.interval.ms'] as const

export class CheckedSettings {
  readonly bootstrap: string
  readonly #settings: readonly (readonly [string, unknown])[]
  readonly #secrets: readonly string[]

  /** @throws INVALID_ARGUMENT for an unknown or refused setting, never showing a value. */
  constructor(settings: KafkaSettings) {
    this.#settings = Object.entries(settings).filter(([, value]) => value !== undefined)
    for (const [name, value] of this.#settings) check(name, value)
    const bootstrap: unknown = settings['bootstrap.servers']
    if (typeof bootstrap !== 'string' || bootstrap.trim() === '') {
      throw invalid(
        `"bootstrap.servers" is missing. Say where a broker listens: ` +
          `kafka({ 'bootstrap.servers': 'localhost:9092' }).`,
      )
    }
    this.bootstrap = bootstrap
    if (this.isNewProtocol) {
      const classic = CLASSIC_ONLY.find(name => this.get(name) !== undefined)
      if (classic !== undefined) {
        throw invalid(
          `"${classic}" belongs to the classic group protocol; with "group.protocol": "consumer" ` +
            'the broker sets it. Leave one of the two out.',
        )
      }
    }
    this.#secrets = this.#settings
      .filter(([name]) => isSecret(name))
      .flatMap(([, value]) => secretTexts(value))
  }

  get isNewProtocol(): boolean {
    return this.get('group.protocol') === 'consumer'
  }

  get(name: string): unknown {
    return this.#settings.find(([key]) => key === name)?.[1]
  }

  /** The settings for one use, over `defaults`, under `fixed`. */
  conf(
    use: Exclude<SettingUse, 'all'> | 'admin',
    defaults: NativeConf,
    fixed: NativeConf,
    fixedTopic: NativeConf = {},
  ): ClientConf {
    const conf: Record<string, unknown> = { ...defaults }
    const topicConf: Record<string, unknown> = {}
    for (const [name, value] of this.#settings) {
      const rule = SETTINGS.get(name)
      if (rule === undefined || 'refused' in rule) continue
      if (rule.use !== 'all' && rule.use !== use) continue
      if (rule.isTopicSetting) topicConf[name] = value
      else conf[name] = value
    }
    return { conf: { ...conf, ...fixed }, topicConf: { ...topicConf, ...fixedTopic } }
  }

  /** Text without any secret in it. */
  redact(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
  }
}

function check(name: string, value: unknown): void {
  const rule = SETTINGS.get(name)
  if (rule === undefined) {
    throw invalid(
      `${JSON.stringify(name)} is no setting of librdkafka.${didYouMean(name, SETTINGS.keys())}`,
    )
  }
  if ('refused' in rule) throw invalid(`"${name}" is not yours to set: ${rule.refused}`)
  const expected =
    name === 'oauthbearer_token_refresh_cb' ? ['function'] : ['string', 'number', 'boolean']
  if (!expected.includes(typeof value)) {
    throw invalid(`"${name}" is a ${expected.join(', ')}; got ${kindOf(value)}.`)
  }
}

function isSecret(name: string): boolean {
  const rule = SETTINGS.get(name)
  return rule !== undefined && 'isSecret' in rule && rule.isSecret
}

/** The value, and the lines of a long one (PEM): a message may quote one of them. */
function secretTexts(value: unknown): string[] {
  const texts = [String(value), ...String(value).split(/\r?\n/)]
  const isSecretText = (text: string): boolean =>
    text.length >= SECRET_CHARS_MIN && !/^(true|false|\d{1,4}|-----.*-----)$/.test(text)
  return texts.filter(isSecretText).sort((a, b) => b.length - a.length)
}

function kindOf(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`
}

function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `kafka settings: ${text}`)
}
