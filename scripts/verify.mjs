/**
 * `npm run verify -- COMMAND …`: the verifier of packages/verify. Without --broker (or --settings)
 * it has a Kafka of its own, `fetch` one of three brokers, which ends with it.
 */
import { runVerify } from '@millrace/verify'
import { startKafka, startKafkaCluster } from './services/kafka.mjs'

/** A broker that was killed may come again when its session is over; 9 s by default. */
const SETTINGS = { 'broker.session.timeout.ms': 4_000, 'broker.heartbeat.interval.ms': 500 }

const args = process.argv.slice(2)
const isLocal = !args.some(arg => /^--(broker|settings)\b/.test(arg))
const say = (/** @type {string} */ line) => console.log(line)

/** @returns {Promise<[broker: Parameters<typeof runVerify>[1], stop: () => Promise<void>]>} */
async function startBroker() {
  if (isLocal && args[0] === 'crash') {
    const { bootstrap, restart, stop } = await startKafka({ say, settings: SETTINGS })
    return [{ bootstrap, bounce: restart }, stop]
  }
  if (isLocal && args[0] === 'fetch') {
    const { bootstrap, brokers, moveLeaders, stop } = await startKafkaCluster(3, { say })
    const bounce = async () => brokers[1]?.restart()
    const moved = async (/** @type {string} */ topic, /** @type {number} */ count) => {
      for (const leader of [2, 3, 1]) await moveLeaders(topic, count, leader)
    }
    return [{ bootstrap, bounce, moveLeaders: moved }, stop]
  }
  return [null, async () => {}]
}

const [broker, stop] = await startBroker()
try {
  process.exitCode = await runVerify(args, broker)
} finally {
  await stop()
}
