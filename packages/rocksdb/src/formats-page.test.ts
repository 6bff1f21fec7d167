/**
 * docs/formats.md promises the bytes of state on disk; this makes the code produce every one of its
 * examples.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { changesOf } from './changes-of.ts'
import { writeSlotRecord, writeStateRecord } from './records.ts'
import { clearingKey, prefixed, spacePrefix } from './state-keys.ts'

const PAGE = new URL('../../../docs/formats.md', import.meta.url)
const EXAMPLE = /^\| (.+) \| `([0-9a-f ]+)` \|$/gm

const id = '0123456789ab'
const [key] = prefixed(spacePrefix('totals/3'), [Uint8Array.of(0, 255)]) as [Buffer]
const entries = [{ key: Uint8Array.of(0, 255), value: Buffer.from('x') }]
const [stored] = changesOf(spacePrefix('totals/3'), entries).changes as unknown as [
  { value: Buffer },
]
const slot = { applicationId: 'shop', id, boot: 'af3b', isWhole: true, isBroken: false }

const MADE: Readonly<Record<string, Buffer>> = {
  'slot record: application "shop", slot 0123456789ab, boot "af3b", whole': writeSlotRecord(slot),
  'state record: slot 0123456789ab': writeStateRecord(id),
  'key: space "totals/3", bytes 00 ff': key,
  'value: bytes "x" under that key': stored.value,
  'key: space "totals/3" is being cleared': clearingKey('totals/3'),
}

test('the examples of the page are what the code writes', () => {
  const page = readFileSync(PAGE, 'utf8')
  const section = page.slice(page.indexOf('\n## State on disk')).split('\n## ', 2).join('\n## ')
  const examples = [...section.matchAll(EXAMPLE)].map(found => [found[1], found[2]])
  const made = Object.entries(MADE).map(([what, bytes]) => [
    what,
    bytes.toString('hex').replace(/..(?=.)/g, '$& '),
  ])
  expect(examples).toEqual(made)
})
