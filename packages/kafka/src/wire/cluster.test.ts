import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Cluster } from './cluster.ts'

const OPTIONS = {
  clientId: 'test',
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 1_000,
  responseBytesMax: 10_000,
}
/** ApiVersions 0: Metadata 9 to 12. */
const VERSIONS = '0000000000010003000900ff'

/** A broker with the id 7 that knows its own address, and counts who comes. */
async function startBroker() {
  const sockets = new Set<Socket>()
  let opened = 0
  const server = createServer(socket => {
    opened++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', bytes => {
      for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
        const isVersions = bytes.readInt16BE(at + 4) === 18
        const body = Buffer.from(isVersions ? VERSIONS : metadata(), 'hex')
        const size = Buffer.alloc(4)
        size.writeInt32BE(body.length + 4)
        socket.write(Buffer.concat([size, bytes.subarray(at + 8, at + 12), body]))
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const host = Buffer.from('127.0.0.1')
  const metadata = (): string => {
    const address = Buffer.concat([Buffer.of(host.length + 1), host])
    const portBytes = Buffer.alloc(4)
    portBytes.writeInt32BE(port)
    return `00000000000200000007${address.toString('hex')}${portBytes.toString('hex')}000000ffffffff0100`
  }
  return {
    endpoint: { host: '127.0.0.1', port },
    opened: () => opened,
    sockets,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('all who ask at once share one connection, and closing leaves none open', async () => {
  const broker = await startBroker()
  const cluster = new Cluster([broker.endpoint], { tls: null, sasl: null }, OPTIONS)
  await Promise.all([cluster.refresh([]), cluster.refresh([]), cluster.refresh([])])
  expect(broker.opened()).toBe(1)
  const all = await Promise.all([1, 2, 3].map(() => cluster.connectionTo(7)))
  expect(new Set(all).size).toBe(1)
  expect(broker.opened()).toBe(2)
  cluster.close()
  await expect.poll(() => broker.sockets.size).toBe(0)
  broker.stop()
})

test('a connection that has ended is opened again, once', async () => {
  const broker = await startBroker()
  const cluster = new Cluster([broker.endpoint], { tls: null, sasl: null }, OPTIONS)
  await cluster.refresh([])
  const first = await cluster.connectionTo(7)
  first.close()
  const again = await Promise.all([cluster.connectionTo(7), cluster.connectionTo(7)])
  expect(again[0]).toBe(again[1])
  expect(again[0]?.isOpen).toBe(true)
  cluster.close()
  await expect(cluster.connectionTo(7)).rejects.toThrow(/BROKER_UNREACHABLE/)
  broker.stop()
})

test('a broker nobody has heard of is not reached', async () => {
  const cluster = new Cluster([], { tls: null, sasl: null }, OPTIONS)
  await expect(cluster.connectionTo(9)).rejects.toThrow(/broker 9 is not known/)
})
