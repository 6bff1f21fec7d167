import { describe, expect, test } from 'vitest'
import { type RegistryOptions, registrySettings } from './registry-options.ts'

test('credentials are taken out of URLs, and so is what is no part of an API', () => {
  const { urls, auth } = registrySettings({
    urls: ['http://a%40b:p%3A@one:1/api/?x=1#y', 'http://two'],
  })
  expect(urls.map(String)).toEqual(['http://one:1/api', 'http://two/'])
  expect(auth).toEqual({ basic: { username: 'a@b', password: 'p:' } })
})

test('what is not given has a default', () => {
  expect(registrySettings({ urls: 'http://one' })).toMatchObject({
    auth: null,
    context: '.',
    timeoutMs: 10_000,
    retries: 3,
    responseBytesMax: 8 * 1024 * 1024,
  })
})

describe('mistakes are refused, without what may be a secret', () => {
  test.each<[string, unknown, string]>([
    ['no URL', { urls: [] }, 'at least one URL'],
    ['a URL that is none', { urls: ['http://one', 'ann:secret@two'] }, 'URL 2 of the registry'],
    ['another protocol', { urls: 'file:///secret' }, 'URL 1 of the registry is no http://'],
    ['a number', { urls: 'http://one', retries: -1 }, 'retries of a registry is a whole number'],
    [
      'no password',
      { urls: 'http://one', auth: { basic: { username: 'a' } } },
      'auth.basic.password',
    ],
    ['no token', { urls: 'http://one', auth: { bearer: {} } }, 'auth.bearer.token is missing'],
    ['two kinds', { urls: 'http://one', auth: { basic: {}, bearer: {} } }, 'got basic, bearer'],
    ['a context', { urls: 'http://one', context: 'team' }, 'a context is a dot and a name'],
  ])('%s', (_, options, text) => {
    const make = () => registrySettings(options as RegistryOptions)
    expect(make).toThrow(text)
    expect(make).not.toThrow('secret')
  })
})
