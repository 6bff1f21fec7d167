// A service that speaks the protocol of Amazon S3 on this machine: Moto's server from PyPI, objects
// in memory, on the loopback interface only. Any credentials will do.

import { answers } from './answers.mjs'
import { freePorts } from './ports.mjs'
import { pythonWith } from './python.mjs'
import { startServer } from './server.mjs'

export const S3_SERVER = ['moto[server]==5.2.5']

/** @type {import('./server.mjs').Service<object>} */
const s3 = {
  name: 's3',
  title: 'Moto S3',
  async prepare(_, { say }) {
    const python = await pythonWith(S3_SERVER, say)
    const [port = 0] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    return {
      program: python,
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`],
      endpoints: { url },
      isReady: () => answers(url),
    }
  },
}

/**
 * Starts a service of one's own. It ends with `stop()`, with this process, however that ends, or
 * after its lifetime, whichever comes first.
 * @param {{ lifetimeMs?: number, say?: (line: string) => void }} [options]
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startS3({ lifetimeMs = 30 * 60_000, say } = {}) {
  const how = say === undefined ? { lifetimeMs } : { lifetimeMs, say }
  const { stop, endpoints } = await startServer(s3, {}, how)
  return { url: endpoints['url'] ?? '', stop }
}
