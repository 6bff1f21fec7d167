import type { WireApi } from './wire-api.ts'

export interface SaslHandshake {
  readonly errorCode: number
  readonly mechanisms: readonly string[]
}

export const SASL_HANDSHAKE: WireApi<string, SaslHandshake> = {
  name: 'SaslHandshake',
  key: 17,
  versions: [1, 1],
  flexibleFrom: 2,
  encode: (mechanism, _, out) => {
    out.text(mechanism)
  },
  decode: from => ({
    errorCode: from.int16(),
    mechanisms: from.array(2, () => from.text() ?? ''),
  }),
}

export interface SaslAnswer {
  readonly errorCode: number
  readonly message: string | null
  readonly bytes: Buffer
  /** 0 = the session does not end. */
  readonly lifetimeMs: number
}

export const SASL_AUTHENTICATE: WireApi<Buffer, SaslAnswer> = {
  name: 'SaslAuthenticate',
  key: 36,
  versions: [2, 2],
  flexibleFrom: 2,
  encode: (message, _, out) => {
    out.compactBytes(message).noTags()
  },
  decode(from) {
    const errorCode = from.int16()
    const message = from.compactText()
    const bytes = from.compactBytes()
    return { errorCode, message, bytes, lifetimeMs: Number(from.int64()) }
  },
}
