/**
 * A process that keeps state, for tests that need more than one: it does what its parent sends.
 *
 * The packages are loaded from source, as in the tests, by vite's server without a server.
 */
import { createViteServer } from 'vitest/node'

const conditions = ['@millrace/source', 'node', 'import', 'module', 'default']
const vite = await createViteServer({
  configFile: false,
  root: new URL('..', import.meta.url).pathname,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/^@millrace/] },
})
const { rocksdb, classicLevel } = await vite.ssrLoadModule('/src/index.ts')

const log = { info() {}, warn() {} }
/** @type {import('@millrace/core').StateBackend} */
let backend

const calls = {
  async open(engine, folder, options) {
    const make = engine === 'rocksdb' ? rocksdb : classicLevel
    const factory = make(folder, options)
    backend = await factory.create({ applicationId: 'shop', log, canRebuild: false })
    return backend.slot
  },
  /** Batch after batch, each the same number under `size` keys; says how far it is. */
  async writeForever(size) {
    const space = await backend.open('totals/0')
    for (let round = 1; ; round++) {
      const value = Buffer.from(String(round).padStart(200, '.'))
      const keys = Array.from({ length: size }, (_, i) => Buffer.from(`key ${i}`))
      await space.write(keys.map(key => ({ key, value })))
      process.send(round)
    }
  },
  async write(space, bytes) {
    const opened = await backend.open(space)
    try {
      await opened.write([{ key: Buffer.from('a'), value: Buffer.alloc(bytes, 'x') }])
    } finally {
      await opened.close()
    }
  },
  close: () => backend.close(),
  /** Root may write everywhere; nobody may not. */
  becomeNobody() {
    if (process.getuid?.() === 0) process.setuid?.(65_534)
  },
}

process.on('message', async ([call, ...given]) => {
  try {
    process.send({ value: await calls[call](...given) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
process.on('disconnect', () => process.exit())
process.send('ready')
