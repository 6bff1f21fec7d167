import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { parseStat, usageOfTree } from './process-tree.ts'

test('a name with brackets and spaces does not shift the fields', () => {
  const fields = ['S', '7', ...Array.from({ length: 9 }, () => '0'), '10', '20', '30', '40']
  const text = `42 (a) (b c) ${fields.join(' ')} 20 0 1 0 99 1000 5 0`
  expect(parseStat(text)).toEqual({ pid: 42, parent: 7, cpuTicks: 100, pages: 5 })
})

test.skipIf(process.platform !== 'linux')('the work of a grandchild is counted', async () => {
  const busy =
    'const e = Date.now() + 500; while (Date.now() < e); console.log("x"); setInterval(() => {}, 1e5)'
  const parent = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(busy)}], { stdio: ["pipe", "inherit", "inherit"] }).unref()
    process.stdin.on("end", () => process.exit()).resume()`
  const child = spawn(process.execPath, ['-e', parent], { detached: true })
  try {
    await once(child.stdout, 'data')
    const { cpuSeconds, rssBytes } = usageOfTree(child.pid as number)
    // Two starts of Node alone are about 0.1 s each, the loop is half a second when it has a core.
    expect(cpuSeconds).toBeGreaterThan(0.1)
    expect(rssBytes).toBeGreaterThan(60 * 1024 * 1024)
  } finally {
    process.kill(-(child.pid as number), 'SIGKILL')
  }
})
