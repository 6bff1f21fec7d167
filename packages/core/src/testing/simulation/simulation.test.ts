import { expect, test } from 'vitest'
import { storyOf } from './story.ts'
import { tell } from './tell.ts'

/** More for a longer look: `MILLRACE_SEEDS=200 MILLRACE_SEED=1000`. */
const SEEDS = Number(process.env['MILLRACE_SEEDS'] ?? 4)
const FIRST = Number(process.env['MILLRACE_SEED'] ?? 1)

test('a story told again is the same, to the byte', async () => {
  const [first, again] = [await tell(storyOf(7)), await tell(storyOf(7))]
  expect(again.happened).toEqual(first.happened)
  expect(again.logs()).toBe(first.logs())
})

for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
  test(`seed ${seed}`, async () => {
    const { wrong, happened, story } = await tell(storyOf(seed))
    expect(wrong, [JSON.stringify(story), ...happened].join('\n')).toEqual([])
  })
}
