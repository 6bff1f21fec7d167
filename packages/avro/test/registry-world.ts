/** A tool of tests: a registry and a broker, new for each test, and applications on that broker. */
import { Application, InMemoryBroker, inMemory, MillraceError } from '@millrace/core'
import { afterEach, beforeEach } from 'vitest'
import { type EmbeddedRegistry, embeddedRegistry } from '../src/registry/embedded-registry.ts'

export interface RegistryWorld {
  readonly embedded: EmbeddedRegistry
  readonly broker: InMemoryBroker
  /** A new one. */
  app(): Application
}

export function registryWorld(): RegistryWorld {
  let nth = 0
  const world = {
    embedded: embeddedRegistry(),
    broker: new InMemoryBroker(),
    app: () => new Application({ id: `app-${nth++}`, broker: inMemory(world.broker) }),
  }
  beforeEach(async () => {
    world.embedded = embeddedRegistry()
    await world.embedded.start()
    world.broker = new InMemoryBroker()
  })
  afterEach(() => world.embedded.close())
  return world
}

/** The error of the library that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await promise.then(
    () => undefined,
    reason => reason,
  )
  if (!MillraceError.is(error)) throw error ?? new Error('no error')
  return error
}
