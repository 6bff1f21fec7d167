// Free ports of the loopback interface.

import { createServer } from 'node:net'
import { ServiceError } from './service-error.mjs'

/**
 * @param {number} count
 * @param {number} [first] wanted as the first one; an error when it is taken
 * @returns {Promise<number[]>}
 */
export async function freePorts(count, first) {
  // All held at once, so that none is given twice.
  const held = []
  try {
    if (first !== undefined) held.push(await hold(first))
    while (held.length < count) held.push(await hold(0))
    return held.map(({ port }) => port)
  } finally {
    await Promise.all(held.map(({ release }) => release()))
  }
}

/** @param {number} wanted @returns {Promise<{ port: number, release: () => Promise<void> }>} */
function hold(wanted) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', error => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error)
      if (code !== 'EADDRINUSE' && code !== 'EACCES') return reject(error)
      const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use'
      reject(new ServiceError(`port ${wanted} of 127.0.0.1 ${why}; give another one with --port`))
    })
    server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      resolve({ port, release: () => new Promise(done => server.close(() => done())) })
    })
  })
}
