import { expect, test } from 'vitest'
import { filesReceiptBytes, readFilesReceipt } from './files-receipt.ts'

const receipt = {
  prefix: 'out/day-',
  extension: 'csv',
  token: '0a1b2c',
  since: 7,
  first: 300,
  count: 2,
}

test('reads what was written', () => {
  expect(readFilesReceipt(filesReceiptBytes(receipt))).toEqual(receipt)
  const least = { prefix: '', extension: '', token: '', since: 0, first: 0, count: 0 }
  expect(readFilesReceipt(filesReceiptBytes(least))).toEqual(least)
})

test('refuses other versions, and bytes that are missing or left over', () => {
  const bytes = filesReceiptBytes(receipt)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => readFilesReceipt(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
  }
  expect(() => readFilesReceipt(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('FORMAT_UNKNOWN')
  expect(() => readFilesReceipt(Buffer.of(2, ...bytes.subarray(1)))).toThrow('FORMAT_UNKNOWN')
  expect(() => readFilesReceipt(Buffer.from('list 1'))).toThrow('receipt of a files sink')
})
