/**
 * Questions to a registry, and what its refusals mean: 404 is SCHEMA_MISSING, 409 is
 * SCHEMA_INCOMPATIBLE, else REGISTRY_REFUSED from 400 on, each with the registry's own words.
 */
import { MillraceError } from '@millrace/core'
import type { RegistryCall, RegistryConnection, RegistryReply } from './registry-connection.ts'

export class RegistryApi {
  readonly #connection: RegistryConnection

  constructor(connection: RegistryConnection) {
    this.#connection = connection
  }

  get name(): string {
    return this.#connection.name
  }

  /**
   * @param what is asked for, for messages.
   * @throws SCHEMA_MISSING, SCHEMA_INCOMPATIBLE, REGISTRY_REFUSED
   */
  async ask(call: RegistryCall, what: string): Promise<RegistryReply> {
    const reply = await this.reply(call)
    if (reply.status === 404) throw missing(what, reply.message || 'status 404', this.name)
    this.refuse(reply, what)
    return reply
  }

  /** An answer, whatever it says. */
  reply(call: RegistryCall): Promise<RegistryReply> {
    return this.#connection.ask(call)
  }

  /** @throws SCHEMA_INCOMPATIBLE, REGISTRY_REFUSED */
  refuse({ status, message }: RegistryReply, what: string): void {
    if (status < 400) return
    const said = message === '' ? `status ${status}` : `${message} (status ${status})`
    if (status === 409) {
      throw new MillraceError(
        'SCHEMA_INCOMPATIBLE',
        `the schema registry refuses ${what}: ${said}. ` +
          'Change the schema as the compatibility mode of the subject allows.',
      )
    }
    const isUnparsed = status === 422
    throw new MillraceError(
      'REGISTRY_REFUSED',
      `the schema registry ${this.name} refuses ${what}: ${said}.` +
        `${isUnparsed ? ' Correct the schema.' : ' Check the URL and what this user may do.'}`,
    )
  }

  close(): void {
    this.#connection.close()
  }
}

/** @param where the registry. */
export function missing(what: string, why: string, where?: string): MillraceError {
  const at = where === undefined ? '' : ` ${where}`
  return new MillraceError(
    'SCHEMA_MISSING',
    `the schema registry${at} does not have ${what}: ${why}. ` +
      'Register it, or check the URL, the subject and the context.',
  )
}
