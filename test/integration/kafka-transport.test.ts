import { testTransport } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'
import { describe, expect, inject, test } from 'vitest'

testTransport({ describe, test, expect }, () => kafka({ 'bootstrap.servers': inject('kafka') }), {
  silenceMs: 300,
  nullHeaderValues: false,
  timestampZero: false,
})
