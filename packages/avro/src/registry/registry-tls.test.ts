// Before x509, which needs it.
import 'reflect-metadata'
import { createPrivateKey, webcrypto } from 'node:crypto'
import type { ServerOptions } from 'node:https'
import { MillraceError } from '@millrace/core'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  type JsonGeneralName,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answerJson, type ScriptedServer, scriptedServer } from '../../test/scripted-server.ts'
import { registry } from './registry.ts'
import type { RegistryTls } from './registry-options.ts'

cryptoProvider.set(webcrypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 3_600_000
const PASSPHRASE = 'never told'

interface Identity {
  readonly name: string
  readonly cert: string
  readonly key: string
  readonly keys: webcrypto.CryptoKeyPair
}

/** With a certificate of an authority, or an authority. */
async function identityOf(
  name: string,
  authority: Identity | null,
  address?: JsonGeneralName,
): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${authority?.name ?? name}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: (authority?.keys ?? keys).privateKey,
    extensions: [
      new BasicConstraintsExtension(authority === null, undefined, true),
      ...(address === undefined ? [] : [new SubjectAlternativeNameExtension([address])]),
    ],
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { name, cert: certificate.toString('pem'), key: pem, keys }
}

function locked({ key }: Identity): string {
  const lock = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE }
  return createPrivateKey(key)
    .export({ format: 'pem', type: 'pkcs8', ...lock })
    .toString()
}

let authority: Identity
let stranger: Identity
let server: Identity
let client: Identity
let strangersClient: Identity

beforeAll(async () => {
  authority = await identityOf('authority', null)
  stranger = await identityOf('stranger', null)
  server = await identityOf('server', authority, { type: 'ip', value: '127.0.0.1' })
  client = await identityOf('client', authority)
  strangersClient = await identityOf('client', stranger)
})

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serverWith(options: ServerOptions): Promise<ScriptedServer> {
  const tls = { key: server.key, cert: server.cert, ...options }
  const made = await scriptedServer((_, response) => answerJson(response, [1, 2]), tls)
  open.push(made)
  return made
}

async function versions(
  url: string,
  tls?: RegistryTls,
): Promise<readonly number[] | MillraceError> {
  const schemas = registry({ urls: url, retries: 0, ...(tls !== undefined && { tls }) })
  open.push(schemas)
  return schemas.versions('orders-value').catch((error: unknown) => {
    if (MillraceError.is(error)) return error
    throw error
  })
}

describe('a registry whose certificate is of an authority of its own', () => {
  test('answers who knows the authority', async () => {
    const { url } = await serverWith({})
    expect(await versions(url, { ca: authority.cert })).toEqual([1, 2])
    const several = [Buffer.from(stranger.cert), authority.cert]
    expect(await versions(url, { ca: several })).toEqual([1, 2])
  })

  test('is not believed otherwise, nor asked', async () => {
    const { url, asked } = await serverWith({})
    for (const tls of [undefined, { ca: stranger.cert }]) {
      const error = await versions(url, tls)
      expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true })
      expect(String(error)).toMatch(/certificate/)
    }
    expect(asked).toEqual([])
  })

  test('is to have the name of the URL, or the one that is given', async () => {
    const named = await identityOf('named', authority, { type: 'dns', value: 'registry.test' })
    const { url } = await serverWith({ key: named.key, cert: named.cert })
    const error = await versions(url, { ca: authority.cert })
    expect(String(error)).toMatch(/IP: 127\.0\.0\.1 is not in the cert's list/)
    const tls = { ca: authority.cert, serverName: 'registry.test' }
    expect(await versions(url, tls)).toEqual([1, 2])
    const other = await versions(url, { ...tls, serverName: 'other.test' })
    expect(String(other)).toMatch(/other\.test\. is not in the cert's altnames/)
  })
})

describe('a registry that asks for certificates of clients', () => {
  const asking = () => {
    return serverWith({ ca: authority.cert, requestCert: true, rejectUnauthorized: true })
  }

  test('answers a client that has one of its authority', async () => {
    const { url } = await asking()
    const { cert, key } = client
    const ca = authority.cert
    expect(await versions(url, { ca, cert, key })).toEqual([1, 2])
    const tls = { ca, cert, key: locked(client), passphrase: PASSPHRASE }
    expect(await versions(url, tls)).toEqual([1, 2])
  })

  test('does not answer others', async () => {
    const { url, asked } = await asking()
    const { cert, key } = strangersClient
    for (const own of [{}, { cert, key }]) {
      const error = await versions(url, { ca: authority.cert, ...own })
      expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
    }
    expect(asked).toEqual([])
  })
})

test('what cannot be used is said at once, without what is secret', () => {
  const { cert, key } = client
  const mistakes: [RegistryTls, RegExp][] = [
    [{ cert }, /cert and key, or neither; key is missing/],
    [{ key }, /cert and key, or neither; cert is missing/],
    [{ ca: 'ca.pem', cert, key: 'client.key' }, /cannot be used: .*PEM/],
    [{ cert, key: server.key }, /cannot be used: .*mismatch/],
    [{ cert, key: locked(client) }, /cannot be used: /],
    [{ cert, key: locked(client), passphrase: `not ${PASSPHRASE}` }, /cannot be used: /],
  ]
  for (const [tls, text] of mistakes) {
    const make = () => registry({ urls: 'https://one', tls })
    expect(make).toThrow(text)
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(make).not.toThrow(PASSPHRASE)
  }
})
