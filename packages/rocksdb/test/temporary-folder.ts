import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateContext } from '@millrace/core'
import { onTestFinished } from 'vitest'

/** A new folder, gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-state-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a run would give; `lines` are what was logged. */
export interface TestContext extends StateContext {
  readonly lines: string[]
}

export function contextOf(options: Partial<StateContext> = {}): TestContext {
  const lines: string[] = []
  const line = (level: string) => (details: object, text: string) =>
    void lines.push(`${level}: ${text} ${JSON.stringify(details)}`)
  const log = { info: line('info'), warn: line('warn') }
  return { applicationId: 'shop', canRebuild: false, log, ...options, lines }
}
