import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The lines of all visible files of a folder; those of a task in the order it wrote them. A folder
 * that is not there has none.
 */
export async function* fileLines(folder: string): AsyncGenerator<string> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter(each => !each.startsWith('.')).sort(byNumbers)) {
    const text = await readFile(join(folder, name), 'utf8')
    yield* text.split('\n').filter(line => line !== '')
  }
}

/** Names count tasks, epochs and files. */
function byNumbers(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true })
}
