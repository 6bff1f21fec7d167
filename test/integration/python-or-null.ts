import { pythonWith } from '../../scripts/services/python.mjs'

/**
 * The path of a Python that has these packages; null, with a line that says why, where there can be
 * none. Under CI that is a failure.
 */
export async function pythonOrNull(packages: readonly string[]): Promise<string | null> {
  try {
    return await pythonWith(packages, line => console.log(line))
  } catch (error) {
    if (process.env['CI']) throw error
    console.log(`skipped: ${(error as Error).message}`)
    return null
  }
}
