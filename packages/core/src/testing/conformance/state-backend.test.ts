import { describe, expect, test } from 'vitest'
import { memoryBackend } from '../../state/memory-backend.ts'
import type { StateBackend, StateSpace } from '../../state/state-backend.ts'
import { testStateBackend } from './state-backend.ts'

testStateBackend(
  { describe, test, expect },
  { name: 'memory', create: async () => memoryBackend() },
)

/** The memory backend with some methods of its spaces replaced. */
function broken(replace: (space: StateSpace) => Partial<StateSpace>): StateBackend {
  const inner = memoryBackend()
  return {
    name: 'broken',
    isDurable: false,
    slot: inner.slot,
    stats: () => inner.stats(),
    async open(name) {
      const space = await inner.open(name)
      const good: StateSpace = {
        getMany: keys => space.getMany(keys),
        scan: (from, to, limit, isReversed) => space.scan(from, to, limit, isReversed),
        clearRange: (from, to) => space.clearRange(from, to),
        write: entries => space.write(entries),
        clear: () => space.clear(),
        close: () => space.close(),
      }
      return { ...good, ...replace(space) }
    },
    close: () => inner.close(),
  }
}

/** Names of the tests that a backend fails. */
async function failures(create: () => StateBackend): Promise<string[]> {
  const failed: string[] = []
  const runs: (() => Promise<void>)[] = []
  const collect = (name: string, body: () => Promise<void> | void): void => {
    runs.push(async () => {
      try {
        await body()
      } catch {
        failed.push(name)
      }
    })
  }
  const hooks = { describe: (_: string, body: () => void) => body(), test: collect, expect }
  testStateBackend(hooks, { name: 'broken', create: async () => create() })
  for (const run of runs) await run()
  return failed
}

describe('the exam finds', () => {
  test('nothing in a good backend', async () => {
    expect(await failures(() => broken(() => ({})))).toEqual([])
  })

  test('a scan that includes its end', async () => {
    const failed = await failures(() =>
      broken(space => ({
        scan: (from, to, limit) =>
          space.scan(from, to === null ? null : Uint8Array.of(...to, 0), limit),
      })),
    )
    expect(failed).toContain('scans from a key to before another, ascending as unsigned bytes')
    expect(failed).toContain('does what a sorted map does')
  })

  test('deletes that are forgotten', async () => {
    const failed = await failures(() =>
      broken(space => ({ write: entries => space.write(entries.filter(e => e.value !== null)) })),
    )
    expect(failed).toContain('replaces a value, and null deletes it')
  })

  test('a scan that goes one way only', async () => {
    const failed = await failures(() =>
      broken(space => ({ scan: (from, to, limit) => space.scan(from, to, limit) })),
    )
    expect(failed).toContain('scans backwards from the end, descending')
  })

  test('a range that is cleared too far', async () => {
    const failed = await failures(() =>
      broken(space => ({
        clearRange: (from, to) => space.clearRange(from, Uint8Array.of(...to, 0)),
      })),
    )
    expect(failed).toContain('clears a range from a key to before another')
  })

  test('a clear that does nothing', async () => {
    const failed = await failures(() => broken(() => ({ clear: async () => {} })))
    expect(failed).toContain('a scan sees what the last write changed')
  })

  test('a space that still answers after it was closed', async () => {
    const failed = await failures(() => broken(() => ({ close: async () => {} })))
    expect(failed).toContain(
      'a closed space refuses every call with STATE_CLOSED, and closes again',
    )
  })
})
