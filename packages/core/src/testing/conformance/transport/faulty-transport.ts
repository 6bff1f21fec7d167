/**
 * Transports with a planted fault, for the tests of the exam: it must find each.
 *
 * A fault is a few methods that take the place of the sound ones of the in-memory transport; what
 * they do not name stays as it is.
 */
import { inMemory } from '../../../transport/in-memory/in-memory-transport.ts'
import type {
  Fetcher,
  Producer,
  TransactionalProducer,
  TransactionOptions,
  Transport,
  TransportFactory,
} from '../../../transport/transport.ts'
import { failedQuestions } from '../failed-questions.ts'
import type { TestHooks } from '../test-hooks.ts'
import { testTransport } from '../transport.ts'

export type TransportFault = (sound: Transport) => Partial<Transport>

/** The questions that a transport with a fault fails. */
export function examFailures(
  expect: TestHooks['expect'],
  fault: TransportFault,
): Promise<string[]> {
  const shared = inMemory()
  const factory: TransportFactory = {
    create(context) {
      const sound = shared.create(context)
      return { ...bound(sound), ...fault(sound) }
    },
  }
  const options = { timeoutMs: 500, silenceMs: 10 }
  return failedQuestions(expect, hooks => testTransport(hooks, () => factory, options))
}

export function withFetcher(fault: (sound: Fetcher) => Partial<Fetcher>): TransportFault {
  return transport => ({
    createFetcher: async options => {
      const fetcher = await transport.createFetcher(options)
      return { ...bound(fetcher), ...fault(fetcher) }
    },
  })
}

export function withProducer(fault: (sound: Producer) => Partial<Producer>): TransportFault {
  return transport => ({
    createProducer: async () => {
      const producer = await transport.createProducer()
      return { ...bound(producer), ...fault(producer) }
    },
  })
}

export function withTransactions(
  fault: (sound: TransactionalProducer, transport: Transport) => Partial<TransactionalProducer>,
): TransportFault {
  return transport => ({
    createTransactionalProducer: async options => {
      const producer = await createTransactional(transport, options)
      return { ...bound(producer), ...fault(producer, transport) }
    },
  })
}

export function createTransactional(
  transport: Transport,
  options: TransactionOptions,
): Promise<TransactionalProducer> {
  const producer = transport.createTransactionalProducer?.(options)
  return producer ?? Promise.reject(new Error('createTransactionalProducer is missing'))
}

/** An object with the methods of another, so that some can be replaced. */
function bound<T extends object>(target: T): T {
  return new Proxy(
    {},
    {
      ownKeys: () => [
        ...Reflect.ownKeys(Object.getPrototypeOf(target)),
        ...Reflect.ownKeys(target),
      ],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      get: (_, name) => {
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    },
  ) as T
}
