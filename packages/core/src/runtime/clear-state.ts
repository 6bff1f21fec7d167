/**
 * Takes the state of a task away before the task is opened: at once where it is local, and by
 * tombstones in the changelog that are part of the first epoch's transaction.
 *
 * Until that transaction is committed the changelog has the old state, and local state has no
 * position: whoever opens the task after a crash begins from the changelog, with the old verdict.
 */
import { writeChangelogBase } from '../record/format/changelog-base.ts'
import { CHANGELOG_BASE_KEY, LOCAL_POSITION_KEY, storeOfKey } from '../record/format/state-key.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { StateEntry, StateSpace } from '../state/state-backend.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { changelogRecords } from './changelog.ts'
import type { Writer } from './task.ts'

const PAGE = 10_000
/** Store numbers begin at 1; what is below is the task's own. */
const FIRST_STORE = Uint8Array.of(1)

export interface ClearWorld {
  readonly changelog: TopicPartition
  /** Where the changelog ends now. */
  readonly changelogEnd: number
  /** Of the epoch's transaction. */
  readonly writer: Writer
  readonly now: number
}

/** @param stores the numbers of those to clear, or all of them. */
export async function clearState(
  space: StateSpace,
  stores: readonly number[] | 'all',
  world: ClearWorld,
): Promise<void> {
  const { changelog, changelogEnd, writer, now } = world
  const remove = async (entries: readonly StateEntry[]): Promise<void> => {
    await writer.write(changelogRecords(changelog, entries, now))
    await space.write(entries)
  }
  await space.write([{ key: LOCAL_POSITION_KEY, value: null }])
  for (let from = FIRST_STORE; ; ) {
    const page = await space.scan(from, null, PAGE)
    const gone = page.filter(({ key }) => stores === 'all' || stores.includes(storeOfKey(key)))
    if (gone.length > 0) await remove(gone.map(({ key }) => ({ key, value: null })))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    from = Uint8Array.of(...last.key, 0)
  }
  if (stores === 'all') await remove([baseEntry(changelogEnd)])
}

/** Whatever was deleted of the changelog before `offset` is not missing. */
function baseEntry(offset: number): StateEntry {
  const out = new ByteWriter()
  writeChangelogBase(offset, out)
  return { key: CHANGELOG_BASE_KEY, value: out.take() }
}
