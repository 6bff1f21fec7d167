import { testTransport } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { embeddedBroker } from './embedded-broker.ts'

const broker = embeddedBroker()
testTransport({ describe, test, expect }, () => broker, {
  silenceMs: 300,
  nullHeaderValues: false,
  timestampZero: false,
})
