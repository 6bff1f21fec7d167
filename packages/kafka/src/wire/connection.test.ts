import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { METADATA } from './metadata.ts'

const OPTIONS = {
  clientId: 'test',
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 200,
  responseBytesMax: 10_000,
}
const NO_SECURITY = { tls: null, sasl: null }
const servers: { server: Server; sockets: Socket[] }[] = []

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})

/** ApiVersions 0: Metadata 9 to 12. */
const VERSIONS = Buffer.from('0000000000010003000900ff', 'hex')
/** Metadata 12: no brokers, cluster unknown, no topics. */
const NOTHING = Buffer.from('0000000000010000000000ffffffff0100', 'hex').subarray(0, 0)

type Answer = (id: Buffer, socket: Socket) => void

function frame(id: Buffer, body: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(id.length + body.length)
  return Buffer.concat([size, id, body])
}

/** Answers the first request as a broker does, those after as the test says. */
async function broker(answer: Answer, first: Buffer = VERSIONS): Promise<Promise<Connection>> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    let isFirst = true
    socket.on('error', () => {})
    socket.on('data', request => {
      const id = Buffer.from(request.subarray(8, 12))
      if (isFirst) socket.write(frame(id, first))
      else answer(id, socket)
      isFirst = false
    })
  })
  servers.push({ server, sockets })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const opening = Connection.open({ host: '127.0.0.1', port }, NO_SECURITY, OPTIONS)
  opening.catch(() => {})
  return opening
}

/** Metadata, version 12: one broker, no topics. */
function metadata(): Buffer {
  return Buffer.concat([
    Buffer.of(0), // tags of the header
    Buffer.from('00000000', 'hex'), // throttle
    Buffer.from('0200000007', 'hex'), // one broker, 7
    Buffer.from('0568303031', 'hex').subarray(0, 0),
    Buffer.from([5, 0x68, 0x6f, 0x73, 0x74]), // host
    Buffer.from('000023840000', 'hex'), // port 9092, no rack, no tags
    Buffer.from('00ffffffff0100', 'hex'), // no cluster id, no controller, no topics, no tags
  ])
}

test('an answer is put together from whatever pieces it comes in', async () => {
  const connection = await await broker((id, socket) => {
    socket.setNoDelay(true)
    const bytes = frame(id, metadata())
    let at = 0
    const next = (): void => {
      if (at < bytes.length) socket.write(bytes.subarray(at, ++at), () => setImmediate(next))
    }
    next()
  })
  const { brokers, topics } = await connection.send(METADATA, [])
  expect(brokers).toEqual([{ id: 7, host: 'host', port: 9_092 }])
  expect(topics).toEqual([])
  connection.close()
  expect(connection.isOpen).toBe(false)
})

test.each<[string, Answer, RegExp]>([
  ['an answer without end', (_, socket) => socket.write(Buffer.from('7fffffff', 'hex')), /at most/],
  ['a negative size', (_, socket) => socket.write(Buffer.from('ffffffff', 'hex')), /-1 bytes/],
  [
    'somebody else’s answer',
    (_, s) => s.write(frame(Buffer.of(0, 0, 9, 9), NOTHING)),
    /request 2313/,
  ],
  ['no answer', () => {}, /no answer to Metadata within 200 ms/],
  ['a closed door', (_, socket) => socket.destroy(), /closed the connection|ECONNRESET/],
  ['half an answer', (id, socket) => socket.end(frame(id, metadata()).subarray(0, 9)), /closed/],
])('%s ends the connection, and who waits is told', async (_, answer, text) => {
  const connection = await await broker(answer)
  await expect(connection.send(METADATA, [])).rejects.toThrow(text)
  await expect(connection.send(METADATA, [])).rejects.toThrow(/BROKER_UNREACHABLE/)
  expect(connection.isOpen).toBe(false)
})

test('an answer cut off at any byte is refused, and nothing worse', async () => {
  // But for its last byte, which says that nothing follows.
  const whole = metadata().subarray(0, -1)
  for (let size = 0; size < whole.length; size++) {
    const connection = await await broker((id, s) => s.write(frame(id, whole.subarray(0, size))))
    await expect(connection.send(METADATA, [])).rejects.toThrow(/BROKER_REFUSED/)
  }
})

test('a broker without a version we speak is refused by name', async () => {
  const old = Buffer.from('000000000001000300000001', 'hex')
  const connection = await await broker(() => {}, old)
  await expect(connection.send(METADATA, [])).rejects.toThrow(
    /Metadata is needed in version 9 to 12, and it has 0 to 1/,
  )
  connection.close()
})

test('nobody there is BROKER_UNREACHABLE', async () => {
  const opening = Connection.open({ host: '127.0.0.1', port: 1 }, NO_SECURITY, OPTIONS)
  await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', retriable: true })
})
