/** What a registry says of compatibility. Registries differ a little in where they say it. */
import { type CompatibilityMode, isCompatibilityMode } from './compatibility-mode.ts'
import { invalidAnswer, objectOf } from './registry-answers.ts'
import type { RegistryApi } from './registry-api.ts'

/** The mode of a subject, else that of the registry. */
export async function askMode(api: RegistryApi, subject: string): Promise<CompatibilityMode> {
  const what = `the compatibility mode of subject ${subject}`
  const path = `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`
  const own = await api.reply({ method: 'GET', path })
  // Some do not know the query and have none for the subject.
  const reply = own.status === 404 ? await api.ask({ method: 'GET', path: '/config' }, what) : own
  api.refuse(reply, what)
  const { compatibilityLevel: mode } = objectOf(reply.json, what)
  if (isCompatibilityMode(mode)) return mode
  throw invalidAnswer(what, 'one of the seven modes', mode)
}

/** Whether a registry would take a schema as the next version, and its words. */
export async function askCompatible(
  api: RegistryApi,
  subject: string,
  body: object,
): Promise<{ readonly isCompatible: boolean; readonly messages: readonly string[] }> {
  const what = `the compatibility of a schema with subject ${subject}`
  const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`
  const reply = await api.reply({ method: 'POST', path, body })
  // Nothing is there that it could be compared with.
  if (reply.status === 404) return { isCompatible: true, messages: [] }
  api.refuse(reply, what)
  const { is_compatible: isCompatible, messages } = objectOf(reply.json, what)
  if (typeof isCompatible !== 'boolean') {
    throw invalidAnswer(what, 'a boolean "is_compatible"', isCompatible)
  }
  return { isCompatible, messages: Array.isArray(messages) ? messages.map(String) : [] }
}
