import { expect, test } from 'vitest'
import { findPlanted } from './find-planted.ts'
import { KERNEL_BUGS } from './kernel-bugs.ts'

test('finds a bug, and nothing once it is gone', async () => {
  const found = await findPlanted(KERNEL_BUGS['the last record left out'] as never, 1, 5)
  expect(found?.difference).toMatch(/records missing/)
  expect(await findPlanted(body => body, 1, 5)).toBe(null)
}, 60_000)

test('a change that breaks the code is no bug that was found', async () => {
  const breaking = (body: string): string => `${body} {`
  await expect(findPlanted(breaking, 1, 3)).rejects.toThrow('text that is no code')
})
