/** CRC-64-AVRO, the 64-bit Rabin fingerprint of the specification. */
const EMPTY = 0xc15d213aa4d7a795n

const TABLE: BigUint64Array = BigUint64Array.from({ length: 256 }, (_, i) => {
  let value = BigInt(i)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n))
  return BigInt.asUintN(64, value)
})

export function crc64(bytes: Uint8Array): bigint {
  let value = EMPTY
  for (const byte of bytes) {
    value = (value >> 8n) ^ (TABLE[Number((value ^ BigInt(byte)) & 0xffn)] as bigint)
  }
  return value
}
