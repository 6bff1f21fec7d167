/** `npm run check`: lint, format, types and tidy; no test runs. */
import { runChecks } from './checks.mjs'
import { setUp } from './setup/set-up.mjs'

const code = await setUp({ build: false })
process.exitCode = code !== 0 || (await runChecks()).failed.length > 0 ? 1 : 0
