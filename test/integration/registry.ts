/**
 * Global set-up of the tests with a schema registry: one of their own for each run, on free ports,
 * with Confluent's API. Where there is none to start (no Java 21) the tests are skipped by name,
 * and fail where CI is set. In a test: `const { url } = inject('registry')`.
 */
import type { TestProject } from 'vitest/node'
import { startRegistry } from '../../scripts/services/registry.mjs'
import { RUN_LIFETIME_MS } from './run-lifetime.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `missing` says why there is none. */
    registry: { readonly url: string; readonly missing: string }
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const { url, stop } = await startRegistry({
      say: line => console.log(line),
      lifetimeMs: RUN_LIFETIME_MS,
    })
    project.provide('registry', { url, missing: '' })
    return stop
  } catch (error) {
    if (process.env['CI']) throw error
    project.provide('registry', { url: '', missing: (error as Error).message })
    return () => Promise.resolve()
  }
}
