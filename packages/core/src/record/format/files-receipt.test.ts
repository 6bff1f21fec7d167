import { expect, test } from 'vitest'
import { filesReceiptBytes, foldersBytes, readFilesReceipt, readFolders } from './files-receipt.ts'

const receipt = {
  prefix: 'out/day-',
  extension: 'csv',
  token: '0a1b2c',
  since: 7,
  first: 300,
  count: 2,
  isInFolders: false,
}

test('reads what was written', () => {
  expect(readFilesReceipt(filesReceiptBytes(receipt))).toEqual(receipt)
  const least = { prefix: '', extension: '', token: '', since: 0, first: 0, count: 0 }
  for (const isInFolders of [false, true]) {
    const bytes = filesReceiptBytes({ ...least, isInFolders })
    expect(readFilesReceipt(bytes)).toEqual({ ...least, isInFolders })
  }
})

test('refuses other versions, and bytes that are missing or left over', () => {
  const bytes = filesReceiptBytes(receipt)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => readFilesReceipt(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
  }
  expect(() => readFilesReceipt(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('FORMAT_UNKNOWN')
  expect(() => readFilesReceipt(Buffer.of(3, ...bytes.subarray(1)))).toThrow('FORMAT_UNKNOWN')
  expect(() => readFilesReceipt(Buffer.from('list 1'))).toThrow('receipt of a files sink')
})

test('reads folders as they were written, and no other bytes', () => {
  const folders = ['', 'day=2026-01-01/', 'day=2026-01-02/to=OSL/']
  const bytes = foldersBytes(folders)
  expect(readFolders(bytes)).toEqual(folders)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => readFolders(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
  }
  expect(() => readFolders(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('FORMAT_UNKNOWN')
  const many = Buffer.of(1, 0xff, 0xff, 0xff, 0x7f)
  expect(() => readFolders(many)).toThrow('FORMAT_UNKNOWN')
})
