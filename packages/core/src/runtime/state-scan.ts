import type { StateEntry, StateSpace } from '../state/state-backend.ts'

const PAGE = 10_000
/** Store numbers begin at 1; what is below is the marker and the position. */
const FIRST_STORE = Uint8Array.of(1)

/** Every entry of the stores of a task, in pages, ascending. */
export async function* scanStores(space: StateSpace): AsyncGenerator<readonly StateEntry[]> {
  let from: Uint8Array = FIRST_STORE
  for (;;) {
    const page = await space.scan(from, null, PAGE)
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    from = Uint8Array.of(...last.key, 0)
  }
}
