/**
 * Every setting of librdkafka 2.15, and what Millrace does with it.
 *
 *   all      every connection: brokers, security, sockets
 *   group    the group member only: sessions, heartbeats
 *   reads    the reading consumer only
 *   writes   the producer only
 *   refused  Millrace sets it itself, or its guarantees would not hold with it
 *
 * A test compares this page with the CONFIGURATION.md of the client that is installed.
 */

export type SettingUse = 'all' | 'group' | 'reads' | 'writes'

export type SettingRule =
  | {
      readonly use: SettingUse
      /** librdkafka takes it as a setting of topics, which must be handed in apart. */
      readonly isTopicSetting: boolean
      /** Never shown: not in logs, names or errors. */
      readonly isSecret: boolean
    }
  | { readonly refused: string }

const USED: Readonly<Record<SettingUse, string>> = {
  all: `
    bootstrap.servers client.id client.rack client.dns.lookup debug log_level
    metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms metadata.max.age.ms
    topic.metadata.refresh.interval.ms topic.metadata.refresh.fast.interval.ms
    topic.metadata.refresh.sparse topic.metadata.propagation.max.ms
    message.max.bytes message.copy.max.bytes receive.message.max.bytes
    max.in.flight.requests.per.connection socket.timeout.ms socket.send.buffer.bytes
    socket.receive.buffer.bytes socket.keepalive.enable socket.nagle.disable socket.max.fails
    socket.connection.setup.timeout.ms broker.address.ttl broker.address.family
    connections.max.idle.ms reconnect.backoff.ms reconnect.backoff.max.ms
    retry.backoff.ms retry.backoff.max.ms enable.metrics.push enable.random.seed
    api.version.request.timeout.ms log.connection.close log.thread.name
    security.protocol ssl.cipher.suites ssl.curves.list ssl.sigalgs.list ssl.key.location
    ssl.certificate.location ssl.certificate.pem ssl.ca.location ssl.ca.pem https.ca.location
    https.ca.pem ssl.ca.certificate.stores ssl.crl.location ssl.keystore.location ssl.providers
    ssl.engine.location ssl.engine.id enable.ssl.certificate.verification
    ssl.endpoint.identification.algorithm sasl.mechanism sasl.kerberos.service.name
    sasl.kerberos.principal sasl.kerberos.kinit.cmd sasl.kerberos.keytab
    sasl.kerberos.min.time.before.relogin sasl.username enable.sasl.oauthbearer.unsecure.jwt
    sasl.oauthbearer.method sasl.oauthbearer.grant.type sasl.oauthbearer.assertion.algorithm
    sasl.oauthbearer.metadata.authentication.type oauthbearer_token_refresh_cb`,
  group: `
    session.timeout.ms heartbeat.interval.ms max.poll.interval.ms group.protocol
    group.remote.assignor coordinator.query.interval.ms`,
  reads: `
    fetch.wait.max.ms fetch.max.bytes fetch.min.bytes fetch.error.backoff.ms
    max.partition.fetch.bytes check.crcs`,
  writes: `
    linger.ms batch.size batch.num.messages compression.type compression.level
    queue.buffering.max.messages queue.buffering.max.kbytes
    queue.buffering.backpressure.threshold sticky.partitioning.linger.ms
    request.timeout.ms delivery.timeout.ms`,
}

/** Used like the others of `all`, and never shown. */
const SECRETS = `
  sasl.password ssl.key.password ssl.key.pem ssl.keystore.password sasl.oauthbearer.config
  sasl.oauthbearer.client.id
  sasl.oauthbearer.client.credentials.client.id sasl.oauthbearer.client.credentials.client.secret
  sasl.oauthbearer.client.secret sasl.oauthbearer.scope sasl.oauthbearer.extensions
  sasl.oauthbearer.token.endpoint.url sasl.oauthbearer.sub.claim.name
  sasl.oauthbearer.assertion.private.key.file
  sasl.oauthbearer.assertion.private.key.passphrase sasl.oauthbearer.assertion.private.key.pem
  sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.claim.aud
  sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
  sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
  sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.jwt.template.file`

const TOPIC_SETTINGS: ReadonlySet<string> = new Set(
  words('compression.level request.timeout.ms delivery.timeout.ms'),
)

const BY_MILLRACE: readonly (readonly [reason: string, names: string])[] = [
  [
    'the group is the id of the application: new Application({ id })',
    'group.id group.protocol.type',
  ],
  ['Millrace names the members of a group itself', 'group.instance.id'],
  [
    'Millrace commits offsets itself, together with the work they stand for',
    `enable.auto.commit auto.commit.enable auto.commit.interval.ms enable.auto.offset.store
    offset.store.method offset.store.path offset.store.sync.interval.ms`,
  ],
  [
    'Millrace says itself where reading begins, and an offset that is gone is an error',
    'auto.offset.reset',
  ],
  ['Millrace reads committed records only', 'isolation.level enable.partition.eof'],
  [
    'Millrace assigns partitions so that a task keeps its own (cooperative-sticky)',
    'partition.assignment.strategy',
  ],
  [
    'keys must land where every Kafka client puts them (murmur2_random)',
    'partitioner partitioner_cb msg_order_cmp',
  ],
  [
    'Millrace writes with idempotence and acknowledgement of all replicas, in order',
    `enable.idempotence enable.gapless.guarantee acks request.required.acks retries
    message.send.max.retries queuing.strategy max.in.flight`,
  ],
  [
    'Millrace runs transactions itself: new Application({ guarantee })',
    'transactional.id transaction.timeout.ms',
  ],
  [
    "Millrace bounds its buffers itself: the application's bufferBytesMax",
    `queued.min.messages queued.max.messages.kbytes fetch.queue.backoff.ms
    consume.callback.max.messages max.poll.records share.acknowledgement.mode`,
  ],
  ['topics are created by name: app.topic(name, { create })', 'allow.auto.create.topics'],
  [
    'Millrace listens to the client itself',
    `delivery.report.only.error produce.offset.report dr_cb dr_msg_cb consume_cb rebalance_cb
    offset_commit_cb error_cb throttle_cb stats_cb log_cb background_event_cb event_cb
    statistics.interval.ms enabled_events log.queue`,
  ],
  [
    'it cannot be set from JavaScript',
    `socket_cb connect_cb closesocket_cb open_cb resolve_cb opaque default_topic_conf
    ssl_key ssl_certificate ssl_ca ssl_engine_callback_data ssl.certificate.verify_cb interceptors
    plugin.library.paths builtin.features internal.termination.signal`,
  ],
  [
    'it is of no use any more',
    `api.version.request api.version.fallback.ms broker.version.fallback socket.blocking.max.ms
    topic.metadata.refresh.fast.cnt reconnect.backoff.jitter.ms topic.blacklist`,
  ],
]

/** Old names of settings; the newer one is asked for. */
const ALIASES: Readonly<Record<string, string>> = {
  'metadata.broker.list': 'bootstrap.servers',
  'sasl.mechanisms': 'sasl.mechanism',
  'fetch.message.max.bytes': 'max.partition.fetch.bytes',
  'queue.buffering.max.ms': 'linger.ms',
  'compression.codec': 'compression.type',
  'message.timeout.ms': 'delivery.timeout.ms',
}

export const SETTINGS: ReadonlyMap<string, SettingRule> = new Map(allRules())

function* allRules(): Generator<[string, SettingRule]> {
  for (const [use, names] of Object.entries(USED) as [SettingUse, string][]) {
    for (const name of words(names)) {
      yield [name, { use, isTopicSetting: TOPIC_SETTINGS.has(name), isSecret: false }]
    }
  }
  for (const name of words(SECRETS)) {
    yield [name, { use: 'all', isTopicSetting: false, isSecret: true }]
  }
  for (const [reason, names] of BY_MILLRACE) {
    for (const name of words(names)) yield [name, { refused: `${reason}. Leave it out.` }]
  }
  for (const [name, newer] of Object.entries(ALIASES)) {
    yield [name, { refused: `it is another name of "${newer}". Use that.` }]
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '')
}
