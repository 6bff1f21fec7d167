import { createRequire } from 'node:module'
import { MillraceError } from '@millrace/core'
import type { NativeModule } from './native-client.ts'

const CLIENT = '@confluentinc/kafka-javascript'

/**
 * The Kafka client. It is loaded at the first use and not at import, so that a pipeline can be
 * declared, explained and tested where its native part is missing.
 * @throws NATIVE_CLIENT_MISSING
 */
export function loadClient(
  load: (name: string) => unknown = createRequire(import.meta.url),
): NativeModule {
  try {
    return load(CLIENT) as NativeModule
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new MillraceError(
      'NATIVE_CLIENT_MISSING',
      `the native part of ${CLIENT} does not load: ${reason}. ` +
        'Run `npx millrace-kafka-setup`: it downloads or builds it for this machine. ' +
        'In a process it can be loaded by the main thread only.',
      { cause },
    )
  }
}
