/**
 * One process of the application under test. It is told what to run by the process that started it,
 * tells of each commit, and dies, freezes or writes too much at the point it is told to.
 *
 * Its own end is never in doubt: when the conductor is gone, it kills itself.
 */
import { type Application, type Logger, MillraceError } from '@millrace/core'
import { watchCheckpoint } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'
import { crashApplication } from './application.ts'
import type { FaultPoint, FromWorker, ToWorker } from './messages.ts'
import { CLIENT_BYTES_MAX, RefusingBroker } from './refusing-broker.ts'
import { SESSION_MS, storyTopics, type WorkerOrders } from './story.ts'

interface Fault {
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  readonly at: FaultPoint
}

let fault: Fault | null = null
let broker: RefusingBroker | null = null

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (message: ToWorker) => {
  if (message.kind === 'run') void run(message.orders)
  else if (message.kind === 'die') fault = { signal: 'SIGKILL', at: message.at }
  else if (message.kind === 'freeze') fault = { signal: 'SIGSTOP', at: message.at }
  else broker?.refuseNext(() => tell({ kind: 'refused' }))
})
tell({ kind: 'ready' })

async function run(orders: WorkerOrders): Promise<void> {
  try {
    const { input: _, ...outputs } = storyTopics(orders.id)
    const isOutput = (topic: string): boolean => Object.values(outputs).includes(topic)
    broker = new RefusingBroker(kafka(clientSettings(orders)), isOutput)
    const app = crashApplication(orders, { broker, log: LOG })
    watch(app)
    await app.run()
    process.exitCode = 0
  } catch (error) {
    const text = MillraceError.is(error) ? error.message : String((error as Error)?.stack ?? error)
    tell({ kind: 'log', level: 'fatal', text })
    process.exitCode = 1
  }
  process.removeAllListeners('disconnect')
  process.disconnect?.()
}

function watch(app: Application): void {
  watchCheckpoint(app, async (step, moment) => {
    if (fault !== null && fault.at.step === step && fault.at.moment === moment) await suffer(fault)
    if (step !== 'commit' || moment !== 'after') return
    const tasks = app.status().tasks.flatMap(({ topic, partition, position }) => {
      return topic === null ? [] : [{ topic, partition, position }]
    })
    tell({ kind: 'committed', tasks })
  })
}

/** What is under way stays as it is: nothing else of this process is awaited. */
async function suffer({ signal }: Fault): Promise<void> {
  fault = null
  if (signal === 'SIGSTOP') await told({ kind: 'freezing' })
  process.kill(process.pid, signal)
}

function clientSettings({ settings }: WorkerOrders): WorkerOrders['settings'] {
  const large = { 'message.max.bytes': CLIENT_BYTES_MAX, ...settings }
  const isNew = settings['group.protocol'] === 'consumer'
  return isNew ? large : { 'session.timeout.ms': SESSION_MS, ...large }
}

const LOG: Logger = {
  debug() {},
  info: (details, text) => note('info', details, text),
  warn: (details, text) => note('warn', details, text),
  error: (details, text) => note('error', details, text),
}

function note(level: string, details: object, text: string): void {
  tell({ kind: 'log', level, text: `${text} ${JSON.stringify(details)}` })
}

function tell(message: FromWorker): void {
  void told(message)
}

/** Resolves when it is on its way. */
function told(message: FromWorker): Promise<void> {
  return new Promise(resolve => {
    if (!process.connected) resolve()
    else process.send?.(message, undefined, {}, () => resolve())
  })
}
