/** What a user gets from npm works: `import`, `require()`, types, the Kafka client's set-up. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { EmptyProject } from './empty-project.ts'
import { NODE_VERSIONS, nodeOf } from './node-versions.ts'
import { tarballOf } from './tarballs.ts'

const PACKAGES = ['core', 'kafka', 'rocksdb']
/** Installed under names of their own, so that one installation has both. */
const TYPESCRIPTS = { 'typescript-5.9': '5.9.3', 'typescript-7.0': '7.0.2' }
const RESOLUTIONS = ['nodenext', 'bundler'] as const
const TOTALS = [
  { user_id: 'ann', window_start: 0, window_end: 10_000, n: 2, total: 50 },
  { user_id: 'bob', window_start: 0, window_end: 10_000, n: 1, total: 70 },
  { user_id: 'ann', window_start: 10_000, window_end: 20_000, n: 1, total: 60 },
]

let project: EmptyProject

beforeAll(async () => {
  project = await EmptyProject.create()
  const tarballs = PACKAGES.map(name => tarballOf(inject('tarballs'), name))
  const compilers = Object.entries(TYPESCRIPTS).map(
    ([name, version]) => `${name}@npm:typescript@${version}`,
  )
  await project.install(...(await Promise.all(tarballs)), ...compilers, '@types/node@20.19.43')
})

afterAll(() => project.remove())

describe.each(NODE_VERSIONS)('on Node %s', version => {
  let node: string

  beforeAll(async () => {
    node = await nodeOf(version)
    // Install scripts are off. The set-up replaces what another Node has left.
    await project.runNode(node, 'node_modules/.bin/millrace-kafka-setup')
  })

  test.each(['pipeline.mjs', 'pipeline.cjs'])('%s runs', async program => {
    const { stdout } = await project.runNode(node, program)
    expect(JSON.parse(stdout)).toEqual(TOTALS)
  })

  test.each(['on-disk.mjs', 'on-disk.cjs'])(
    '%s runs, on Kafka and with state on disk',
    async program => {
      const { stdout } = await project.runNode(node, program)
      const { counts, major, state } = JSON.parse(stdout)
      expect(counts).toEqual(['ann 3', 'bob 2', 'cid 1'])
      expect(major).toBe(version.split('.')[0])
      // Which one depends on how this Node was built.
      expect(['rocksdb', 'classic-level'].map(name => [name])).toContainEqual(state)
    },
  )
})

test.each(Object.keys(TYPESCRIPTS))('the types hold under %s', async compiler => {
  for (const resolution of RESOLUTIONS) {
    const module = resolution === 'nodenext' ? 'nodenext' : 'preserve'
    const settings = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023']
    const tsc = `node_modules/${compiler}/bin/tsc`
    await project.run(process.execPath, tsc, '--noEmit', '--strict', ...settings, 'pipeline.ts')
  }
})
