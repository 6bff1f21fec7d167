// Asks a broker for its metadata, without a client library: the shortest proof that it serves.
//
//   request  = size i32 · api key i16 (3) · version i16 (1) · correlation i32 · client id string ·
//              topics array (none: empty)
//   response = size i32 · correlation i32 ·
//              brokers [ id i32 · host string · port i32 · rack string? ] ·
//              controller id i32 · topics
//
// A broker that has not joined its cluster yet answers with no broker in it.

import { connect } from 'node:net'

const CLIENT_ID = 'millrace-services'

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
export function kafkaAnswers(host, port, timeoutMs = 1_000) {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    /** @type {Buffer} */
    let received = Buffer.alloc(0)
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('connect', () => socket.write(metadataRequest()))
    socket.on('data', bytes => {
      received = Buffer.concat([received, bytes])
      const isWhole = received.length >= 4 && received.length >= 4 + received.readInt32BE(0)
      if (isWhole) end(received.readInt32BE(8) > 0)
    })
  })
}

function metadataRequest() {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + CLIENT_ID.length + 4)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(3, 4)
  request.writeInt16BE(1, 6)
  request.writeInt32BE(1, 8)
  request.writeInt16BE(CLIENT_ID.length, 12)
  request.write(CLIENT_ID, 14, 'latin1')
  return request
}
