/**
 * The tarballs themselves, as publint and Are The Types Wrong judge them.
 *
 * Two of the latter's questions have an answer that is meant. TypeScript's oldest resolution knows
 * no `exports`; we have nothing else. And what `require()` gets is an ES module, which every Node
 * that we support loads.
 */
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, test } from 'vitest'
import { entriesOf } from '../../scripts/api/entries.mjs'
import { ROOT } from '../../scripts/command.mjs'
import { tarballOf } from './tarballs.ts'

const MEANT = ['NoResolution node10', 'CJSResolvesToESM node16-cjs']
const NAMES = [...new Set(entriesOf(ROOT).map(({ packageName }) => packageName))]

describe.each(NAMES)('%s', name => {
  const bytesOf = async (): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(readFileSync(await tarballOf(inject('tarballs'), name)))

  test('holds dist, sources and licence, and no test', async () => {
    const { files } = unpacked(await bytesOf())
    for (const part of [
      'LICENSE',
      'package.json',
      'dist/index.js',
      'dist/index.d.ts',
      'src/index.ts',
    ])
      expect(files).toContain(part)
    expect(files.filter(file => /\.test(-d)?\.|tsbuildinfo|node_modules/.test(file))).toEqual([])
  })

  test('has nothing that publint objects to', async () => {
    const { buffer } = await bytesOf()
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
    expect(messages.map(each => formatMessage(each, pkg, { color: false }))).toEqual([])
  })

  test('has types where its modules are', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await bytesOf()))
    if (analysis.types === false) throw new Error('there are none')
    const found = analysis.problems.map(problem => {
      const how = 'resolutionKind' in problem ? problem.resolutionKind : JSON.stringify(problem)
      return `${problem.kind} ${how}`
    })
    expect(found.filter(each => !MEANT.includes(each))).toEqual([])
  })
})

function unpacked(bytes: Uint8Array): { readonly files: readonly string[] } {
  const root = createPackageFromTarballData(bytes)
  const start = `/node_modules/${root.packageName}/`
  return { files: root.listFiles(start).map(file => file.slice(start.length)) }
}
