/** `npm run setup`; also the first step of `npm start` and `npm run example`. */
import { setUp } from './setup/set-up.mjs'

process.exitCode = await setUp({ build: true })
