import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { loadClient } from './load-client.ts'

test('a client without its native part says which command gets it', () => {
  const load = (): never => {
    throw new Error('Cannot find module ../build/Release/x.node\nRequire stack: …')
  }
  const failing = (): unknown => loadClient(load)
  expect(failing).toThrow('NATIVE_CLIENT_MISSING')
  expect(failing).toThrow('Cannot find module ../build/Release/x.node.')
  expect(failing).toThrow('npx millrace-kafka-setup')
  expect(failing).not.toThrow('Require stack')
  expect(failing).toThrow(MillraceError)
})

test('the client of this installation loads', () => {
  expect(loadClient().KafkaConsumer).toBeTypeOf('function')
})
