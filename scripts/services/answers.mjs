const TIMEOUT_MS = 1_000

/**
 * Whether a server says that all is well at this address, by now.
 * @param {string} url
 */
export async function answers(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
