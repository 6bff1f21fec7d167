/** `npm run build`: compiles the packages, nothing else. */
import { build } from './setup/build.mjs'

process.exitCode = await build()
