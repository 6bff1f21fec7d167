/** What a user gets from npm works: `import`, `require()`, types, the Kafka client's set-up. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EmptyProject, packAll, tarballOf } from './empty-project.ts'

const TOTALS = [
  { user_id: 'ann', window_start: 0, window_end: 10_000, n: 2, total: 50 },
  { user_id: 'bob', window_start: 0, window_end: 10_000, n: 1, total: 70 },
  { user_id: 'ann', window_start: 10_000, window_end: 20_000, n: 1, total: 60 },
]

let tarballs: string
let project: EmptyProject

beforeAll(async () => {
  tarballs = await packAll(['core', 'kafka'])
  project = await EmptyProject.create()
  await project.install(await tarballOf(tarballs, 'core'), await tarballOf(tarballs, 'kafka'))
})

afterAll(async () => {
  await rm(tarballs, { recursive: true, force: true })
  await project.remove()
})

test('the tarballs hold dist, sources and licence, and no test', async () => {
  for (const name of ['core', 'kafka']) {
    const folder = join(project.folder, 'node_modules/@millrace', name)
    expect(await readdir(folder)).toEqual(
      expect.arrayContaining(['LICENSE', 'dist', 'package.json', 'src']),
    )
    const files = await readdir(folder, { recursive: true })
    expect(files.filter(file => /\.test(-d)?\.|tsbuildinfo|node_modules/.test(file))).toEqual([])
  }
})

test.each(['pipeline.mjs', 'pipeline.cjs'])('%s runs', async program => {
  const { stdout } = await project.run(process.execPath, program)
  expect(JSON.parse(stdout)).toEqual(TOTALS)
})

test.each(['5.9.3', '7.0.2'])('the types hold under TypeScript %s', async version => {
  await project.install(`typescript@${version}`, '@types/node@20.19.43')
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'nodenext' ? 'nodenext' : 'preserve'
    const settings = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023']
    await project.run('npx', 'tsc', '--noEmit', '--strict', ...settings, 'pipeline.ts')
  }
})

test('the Kafka client sets itself up where install scripts are off', async () => {
  await project.run('npx', 'millrace-kafka-setup')
  const { stdout } = await project.run(process.execPath, 'kafka.cjs')
  expect(stdout).toBe('the Kafka client loads\n')
})
