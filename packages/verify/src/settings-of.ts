/** How the brokers are reached: what was named, over what a file says. */
import { readFileSync } from 'node:fs'
import type { ClientSettings } from './crash/story.ts'
import { UsageError } from './world.ts'

/** @throws UsageError */
export function settingsOf(broker: string | undefined, file: string | undefined): ClientSettings {
  const inFile = file === undefined ? {} : settingsIn(file)
  const settings = broker === undefined ? inFile : { ...inFile, 'bootstrap.servers': broker }
  if (!('bootstrap.servers' in settings)) {
    throw new UsageError('say where a broker listens: --broker HOST:PORT')
  }
  return settings as ClientSettings
}

/** What is in the file is never shown: it may be secret. */
function settingsIn(file: string): object {
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof settings === 'object' && settings !== null) return settings
  } catch {
    // As below.
  }
  throw new UsageError(`--settings takes a file with one JSON object, not ${file}`)
}
