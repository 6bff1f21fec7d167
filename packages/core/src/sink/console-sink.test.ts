import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { testSink } from '../testing/conformance/sink.ts'
import { type ConsoleOutput, consoleSink } from './console-sink.ts'
import type { Sink } from './sink.ts'

const hooks = { describe, test, expect }
const Count = schema({ user: t.string(), n: t.int32() })

/** A terminal or a pipe that keeps what is written. */
function output(terminal?: { readonly rows?: number }): ConsoleOutput & { text(): string } {
  const written: string[] = []
  return {
    isTTY: terminal !== undefined,
    ...terminal,
    write: (text, done) => {
      written.push(text)
      done()
    },
    text: () => written.join(''),
  }
}

async function epoch(sink: Sink, number: number, ...rows: [string, number][]): Promise<void> {
  const records = rows.map(([user, n]) => ({ value: { user, n } }))
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  await sink.write(sourceBatch(records, Count, 'all', place))
  await sink.commit(number, await sink.prepare(number))
}

testSink(hooks, () => {
  const out = output()
  return {
    definition: consoleSink({ out }),
    visible: () => {
      const lines = out.text().split('\n')
      return lines.filter(line => line !== '' && !line.startsWith('id')).map(line => line[0] ?? '')
    },
  }
})

test('plain: prints each epoch as a table and counts what is beyond the limit', async () => {
  const out = output()
  const sink = consoleSink({ out, limit: 2 }).create('0/0')
  await epoch(sink, 1, ['ann', 5], ['bob', 10])
  await epoch(sink, 2)
  await epoch(sink, 3, ['a\u001b[2J', 1], ['b', 2], ['c', 3], ['d', 4])
  expect(out.text()).toBe(
    [
      'user   n',
      'ann    5',
      'bob   10',
      'user        n',
      'a\\u{1b}[2J  1',
      'b           2',
      '… and 2 more rows',
      '',
    ].join('\n'),
  )
})

describe('live', () => {
  test('draws one table in place with the latest row per key', async () => {
    const out = output({})
    const definition = consoleSink({ out, live: true, key: ['user'] })
    await epoch(definition.create('0/0'), 1, ['bob', 1], ['ann', 2])
    await epoch(definition.create('0/1'), 1, ['bob', 30])
    const draw = (...lines: string[]) => `\u001b[?7l${lines.join('\n')}\n\u001b[?7h`
    expect(out.text()).toBe(
      `${draw('user  n', 'ann   2', 'bob   1')}` +
        `\u001b[3A\u001b[0J${draw('user   n', 'ann    2', 'bob   30')}`,
    )
  })

  test('never draws more lines than the terminal has', async () => {
    const out = output({ rows: 3 })
    const sink = consoleSink({ out, live: true, key: ['user'] }).create('0/0')
    await epoch(sink, 1, ['a', 1], ['b', 2], ['c', 3])
    await epoch(sink, 2, ['a', 9])
    expect(out.text()).toContain('\u001b[2A\u001b[0J\u001b[?7luser  n\na     9\n')
  })

  test('prints plainly when the output is no terminal', async () => {
    const out = output()
    await epoch(consoleSink({ out, live: true }).create('0/0'), 1, ['a', 1])
    expect(out.text()).toBe('user  n\na     1\n')
  })
})

test('a closed output is SINK_FAILED', async () => {
  const closed: ConsoleOutput = { write: (_, done) => done(new Error('write EPIPE')) }
  const sink = consoleSink({ out: closed }).create('0/0')
  await expect(epoch(sink, 1, ['a', 1])).rejects.toThrow('SINK_FAILED: cannot print: write EPIPE')
})

test('mistakes are thrown where they are written', () => {
  expect(() => consoleSink({ limit: 0 })).toThrow('limit must be a whole number above 0; got 0')
  expect(() => consoleSink({ key: ['usr'] }).check?.(Count)).toThrow('Did you mean "user"?')
})
