/**
 * A broker that asks who somebody is: on one port anybody may do anything, on the other the user
 * `app` may do what it is allowed.
 */
import { startKafka } from '../../scripts/services/kafka.mjs'
import { freePorts } from '../../scripts/services/ports.mjs'
import { type AclRule, createAcls } from './create-acls.ts'

const PASSWORD = 'app-secret-1'

export interface SecuredKafka {
  /** Without a name: everything is allowed. */
  readonly open: string
  /** Settings of the user `app`. */
  readonly app: { readonly 'bootstrap.servers': string; readonly [name: string]: string }
  /** What `app` may do and not; what is denied is so whatever is allowed. */
  rule(...rules: readonly AclRule[]): Promise<void>
  stop(): Promise<void>
}

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const [port = 0, controllerPort = 0, securedPort = 0] = await freePorts(3)
  const host = '127.0.0.1'
  const listeners = `PLAINTEXT://${host}:${port},SASL://${host}:${securedPort}`
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const settings = {
    listeners: `${listeners},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': listeners,
    'controller.quorum.voters': `1@${host}:${controllerPort}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `${login} user_app="${PASSWORD}";`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  }
  const broker = await startKafka({ port, settings, lifetimeMs: 300_000 })
  return {
    open: broker.bootstrap,
    app: {
      'bootstrap.servers': `${host}:${securedPort}`,
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanism': 'PLAIN',
      'sasl.username': 'app',
      'sasl.password': PASSWORD,
    },
    rule: (...rules) => createAcls(broker.bootstrap, 'User:app', rules),
    stop: broker.stop,
  }
}
