/** The systems Millrace is compared with are set up by peers/setup.mjs, at first use. */
import type { Installed, InstalledStreams } from './systems.ts'

const SETUP = new URL('../../peers/setup.mjs', import.meta.url)

interface SetUp {
  setUpPeers(): Promise<Installed>
  setUpKafkaStreams(): Promise<InstalledStreams>
}

export async function setUpPeers(): Promise<Installed> {
  return ((await import(SETUP.href)) as SetUp).setUpPeers()
}

export async function setUpKafkaStreams(): Promise<InstalledStreams> {
  return ((await import(SETUP.href)) as SetUp).setUpKafkaStreams()
}
