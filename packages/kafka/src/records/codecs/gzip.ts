import { promisify } from 'node:util'
import { gunzip, gunzipSync } from 'node:zlib'
import type { Codec } from './codec.ts'

const gunzipAside = promisify(gunzip)

export const gzip: Codec = {
  name: 'gzip',
  inflate: (bytes, bytesMax) => gunzipSync(bytes, { maxOutputLength: bytesMax }),
  inflateAside: (bytes, bytesMax) => gunzipAside(bytes, { maxOutputLength: bytesMax }),
}
