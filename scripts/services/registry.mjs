// A schema registry with Confluent's API on this machine: Apicurio from Maven's archive, schemas in
// memory, on the loopback interface only.
//
// It begins with the compatibility mode NONE, where Confluent's begins with BACKWARD; the path of
// Confluent's API is part of the endpoint.

import { join } from 'node:path'
import { answers } from './answers.mjs'
import { findJava, installArchive } from './java.mjs'
import { freePorts } from './ports.mjs'
import { startServer } from './server.mjs'

const VERSION = '3.3.3'
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`
const API = '/apis/ccompat/v7'

/**
 * @typedef {object} RegistryOptions
 * @property {number} [port] default: a free one
 */

/** @type {import('./server.mjs').Service<RegistryOptions>} */
export const registry = {
  name: 'registry',
  title: `Apicurio Registry ${VERSION}`,
  async prepare({ port }, { say }) {
    const java = findJava(21)
    const unpacked = await installArchive(`apicurio-${VERSION}`, ARTIFACT, say)
    const ports = await freePorts(2, port)
    const [clientPort, managementPort] = /** @type {[number, number]} */ (ports)
    const url = `http://127.0.0.1:${clientPort}${API}`
    return {
      program: java,
      args: ['-Xmx384m', '-jar', join(unpacked, 'quarkus-run.jar')],
      env: {
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: `${clientPort}`,
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: `${managementPort}`,
      },
      endpoints: { url },
      isReady: () => answers(`${url}/subjects`),
    }
  },
}

/**
 * Starts a registry of one's own. It ends with `stop()`, with this process, however that ends, or
 * after its lifetime, whichever comes first. `restart` gives an empty one at the same address.
 * @param {RegistryOptions & { lifetimeMs?: number, say?: (line: string) => void }} [options]
 * @returns {Promise<{ url: string, pid: number, stop: () => Promise<void>,
 * restart: () => Promise<void> }>} `pid` is that of the first start
 */
export async function startRegistry({ lifetimeMs = 30 * 60_000, say, ...options } = {}) {
  const how = say === undefined ? { lifetimeMs } : { lifetimeMs, say }
  const { pid, stop, restart, endpoints } = await startServer(registry, options, how)
  return { url: endpoints.url ?? '', pid, stop, restart }
}
