import { expect, test } from 'vitest'
import { SCAN_PARTS } from './scan-primitives.ts'

type IsTextIn = (data: Buffer, view: DataView, start: number, end: number) => boolean
const isTextIn = SCAN_PARTS['isTextIn'] as IsTextIn

test('text is valid UTF-8 in each of its bytes, whatever stands around it', () => {
  for (let size = 0; size <= 24; size++) {
    const data = Buffer.alloc(size + 2, 0xff).fill('a', 1, 1 + size)
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const isText = (): boolean => isTextIn(data, view, 1, 1 + size)
    expect(isText()).toBe(true)
    for (let at = 1; at <= size; at++) {
      data[at] = 0x80
      expect(isText(), `byte ${at} of ${size}`).toBe(false)
      if (at < size) {
        data.write('ä', at)
        expect(isText()).toBe(true)
      }
      data.fill('a', 1, 1 + size)
    }
  }
})
