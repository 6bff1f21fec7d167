// node watchdog.mjs SERVER LIFETIME_MS: ends a server when the process that started it has ended
// (its end of our standard input closes then, even after SIGKILL), or when its lifetime is over.

import { endServer } from './server.mjs'

const [server = '', lifetimeMs = ''] = process.argv.slice(2)

const end = () => endServer(JSON.parse(server)).finally(() => process.exit())
process.stdin.on('end', end).on('error', end).resume()
setTimeout(end, Number(lifetimeMs))
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
