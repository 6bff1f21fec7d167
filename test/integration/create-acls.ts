/**
 * Asks a broker to make access rules, which the Kafka client cannot: one request of its protocol.
 *
 *   request  = size i32 · api key i16 (30) · version i16 (1) · correlation i32 · client id string ·
 *              rules [ resource i8 · name string · pattern i8 · principal string · host string ·
 *                      operation i8 · permission i8 ]
 *   response = size i32 · correlation i32 · throttled i32 · results [ code i16 · message string? ]
 */
import { connect } from 'node:net'

const RESOURCES = { topic: 2, group: 3, transactionalId: 5 }
const OPERATIONS = { All: 2, Read: 3, Write: 4, Create: 5 }
const PERMISSIONS = { deny: 2, allow: 3 }
const ANY_NAME = 3
const PREFIX = 4

export interface AclRule {
  readonly permission: keyof typeof PERMISSIONS
  readonly operation: keyof typeof OPERATIONS
  readonly resource: keyof typeof RESOURCES
  /** Names that begin so; `*` = all. */
  readonly name: string
}

export async function createAcls(
  bootstrap: string,
  principal: string,
  rules: readonly AclRule[],
): Promise<void> {
  const answer = await ask(bootstrap, requestOf(principal, rules))
  for (let i = 0, at = 16; i < rules.length; i++) {
    const code = answer.readInt16BE(at)
    if (code !== 0) throw new Error(`rule ${JSON.stringify(rules[i])} was refused: code ${code}`)
    at += 4 + Math.max(0, answer.readInt16BE(at + 2))
  }
}

function requestOf(principal: string, rules: readonly AclRule[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt16BE(30, 0)
  head.writeInt16BE(1, 2)
  head.writeInt32BE(1, 4)
  const count = Buffer.alloc(4)
  count.writeInt32BE(rules.length)
  const bodies = rules.flatMap(({ permission, operation, resource, name }) => [
    Buffer.of(RESOURCES[resource]),
    text(name),
    Buffer.of(name === '*' ? ANY_NAME : PREFIX),
    text(principal),
    text('*'),
    Buffer.of(OPERATIONS[operation], PERMISSIONS[permission]),
  ])
  return sized(4, Buffer.concat([head, text('millrace-test'), count, ...bodies]))
}

function text(value: string): Buffer {
  return sized(2, Buffer.from(value))
}

function sized(sizeBytes: number, bytes: Buffer): Buffer {
  const size = Buffer.alloc(sizeBytes)
  size.writeIntBE(bytes.length, 0, sizeBytes)
  return Buffer.concat([size, bytes])
}

/** The whole answer, with its size. */
function ask(bootstrap: string, request: Buffer): Promise<Buffer> {
  const [host, port] = bootstrap.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host as string, port: Number(port) })
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the broker closed the connection')))
    socket.on('connect', () => socket.write(request))
    socket.on('data', bytes => {
      received = Buffer.concat([received, bytes])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      resolve(received)
      socket.destroy()
    })
  })
}
