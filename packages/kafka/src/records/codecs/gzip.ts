import { gunzipSync } from 'node:zlib'
import type { Codec } from './codec.ts'

export const gzip: Codec = {
  name: 'gzip',
  inflate: (bytes, bytesMax) => gunzipSync(bytes, { maxOutputLength: bytesMax }),
}
