/**
 * Where bugs are planted: a contract whose calls are changed on their way, or a method of a class
 * of the runtime. What is not changed goes to the real thing.
 */
import type { StateBackend, StateBackendFactory, StateSpace } from '../../../state/state-backend.ts'
import type {
  TransactionalProducer,
  Transport,
  TransportFactory,
} from '../../../transport/transport.ts'

/** The transport with some of its calls changed. */
export function wrapTransport(
  real: TransportFactory,
  change: (of: Transport) => Partial<Transport>,
): TransportFactory {
  return {
    create: context => {
      const of = real.create(context)
      return {
        name: of.name,
        abilities: of.abilities,
        admin: of.admin,
        open: () => of.open(),
        joinGroup: options => of.joinGroup(options),
        createFetcher: options => of.createFetcher(options),
        createProducer: () => of.createProducer(),
        createTransactionalProducer: options => newTransactional(of, options),
        close: () => of.close(),
        ...change(of),
      }
    },
  }
}

/** Its transactional producers with some of their calls changed. */
export function wrapTransactions(
  real: TransportFactory,
  change: (of: TransactionalProducer, transport: Transport) => Partial<TransactionalProducer>,
): TransportFactory {
  return wrapTransport(real, transport => ({
    createTransactionalProducer: async options => {
      const of = await newTransactional(transport, options)
      return {
        write: records => of.write(records),
        commit: (offsets, member) => of.commit(offsets, member),
        abort: () => of.abort(),
        close: () => of.close(),
        ...change(of, transport),
      }
    },
  }))
}

/** Its spaces with some of their calls changed. */
export function wrapSpaces(
  real: StateBackendFactory,
  change: (of: StateSpace, name: string, backend: StateBackend) => Partial<StateSpace>,
): StateBackendFactory {
  return {
    create: async context => {
      const backend = await real.create(context)
      const open = async (name: string): Promise<StateSpace> => {
        const of = await backend.open(name)
        return {
          getMany: keys => of.getMany(keys),
          scan: (from, to, limit, isReversed) => of.scan(from, to, limit, isReversed),
          write: entries => of.write(entries),
          clear: () => of.clear(),
          clearRange: (from, to) => of.clearRange(from, to),
          close: () => of.close(),
          ...change(of, name, backend),
        }
      }
      const { name, isDurable, slot } = backend
      const stats = () => backend.stats()
      return { name, isDurable, slot, open, stats, close: () => backend.close() }
    },
  }
}

function newTransactional(
  transport: Transport,
  options: Parameters<NonNullable<Transport['createTransactionalProducer']>>[0],
): Promise<TransactionalProducer> {
  const create = transport.createTransactionalProducer?.bind(transport)
  return create?.(options) as Promise<TransactionalProducer>
}

/** Puts another method into a class, for all its objects; gives a function that takes it out. */
export function replaceMethod<C extends object, K extends keyof C>(
  prototype: C,
  name: K,
  replacement: (real: C[K]) => C[K],
): () => void {
  const real = prototype[name]
  prototype[name] = replacement(real)
  return () => {
    prototype[name] = real
  }
}
