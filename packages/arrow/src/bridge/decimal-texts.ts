import { getBit } from '@millrace/core'
import type { Data, Decimal } from 'apache-arrow'

/** Decimals as text: all their digits, as many after the point as the scale says. */
export function decimalTexts(data: Data, validity: Uint8Array | null): (string | null)[] {
  const { scale } = data.type as Decimal
  const words = data.values as Uint32Array
  const { stride } = data
  return Array.from({ length: data.length }, (_, i) => {
    if (validity !== null && !getBit(validity, i)) return null
    let value = 0n
    for (let w = stride - 1; w >= 0; w--)
      value = (value << 32n) | BigInt(words[i * stride + w] as number)
    return decimalText(BigInt.asIntN(stride * 32, value), scale)
  })
}

/** All digits, as many after the point as the scale says. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}
