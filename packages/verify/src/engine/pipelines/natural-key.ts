import type { Cell, Kind } from './cell.ts'
import { cellJson } from './cell.ts'

/**
 * A record key in its natural form: text as UTF-8, numbers as Java's serializers write them,
 * several columns as a JSON array; a single null is no key.
 */
export function naturalKey(kinds: readonly Kind[], cells: readonly Cell[]): Buffer | null {
  if (kinds.length > 1) {
    return Buffer.from(`[${kinds.map((kind, i) => cellJson(kind, cells[i] as Cell)).join(',')}]`)
  }
  const [cell = null] = cells
  if (cell === null) return null
  if (Buffer.isBuffer(cell)) return cell
  const bytes = Buffer.alloc(kinds[0] === 'int32' ? 4 : 8)
  switch (kinds[0]) {
    case 'int32':
      bytes.writeInt32BE(cell as number)
      return bytes
    case 'int64':
    case 'safe':
    case 'timestamp':
      bytes.writeBigInt64BE(BigInt(cell as number))
      return bytes
    case 'float64':
      if (Number.isNaN(cell)) return Buffer.from('7ff8000000000000', 'hex')
      bytes.writeDoubleBE(cell as number)
      return bytes
    default:
      return Buffer.from(String(cell))
  }
}
