/** What a service may answer; what it does when all is well is seen in test/integration/s3.test.ts. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import { MillraceError, type ObjectStore } from '@millrace/core'
import { expect, onTestFinished, test } from 'vitest'
import { s3Bucket } from './s3-bucket.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

function client(port: number): S3Client {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    forcePathStyle: true,
    maxAttempts: 1,
  })
}

async function storeOf(answer: Answer, timeoutMs = 5_000): Promise<ObjectStore> {
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return s3Bucket(client((server.address() as AddressInfo).port), 'lake', { timeoutMs })
}

const refusal =
  (status: number, code: string, message: string): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' })
    response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`)
  }

async function failure(action: Promise<unknown>): Promise<MillraceError> {
  const error = await action.then(
    () => new Error('it did not fail'),
    thrown => thrown,
  )
  if (!MillraceError.is(error)) throw error
  return error
}

test.each([
  [403, 'AccessDenied', 'Access Denied', 's3:ListBucket', false],
  [404, 'NoSuchBucket', 'The bucket does not exist', 'Create the bucket', false],
  [301, 'PermanentRedirect', 'Use another endpoint', 'in another region', false],
  [400, 'InvalidRequest', 'Something', 'Check the bucket', false],
  [503, 'SlowDown', 'Reduce your rate', 'it may pass', true],
  [500, 'InternalError', 'We had a fault', 'it may pass', true],
  [429, 'TooManyRequests', 'Later', 'it may pass', true],
])('status %d %s says what to do', async (status, code, message, advice, retriable) => {
  const store = await storeOf(refusal(status, code, message))
  for (const action of [
    () => store.put('a', Buffer.from('x')),
    () => store.get('a', 0, 1),
    () => store.list(''),
    () => store.rename('a', 'b'),
    () => store.remove('a'),
  ]) {
    const error = await failure(action())
    expect(error.code).toBe('OBJECT_STORE_FAILED')
    expect(error.text).toContain(`in s3://lake: ${code}: ${message}. `)
    expect(error.text).toContain(advice)
    expect(error.retriable).toBe(retriable)
  }
})

test('a refusal without a word is one', async () => {
  const store = await storeOf((_, response) => response.writeHead(403).end())
  const error = await failure(store.size('a'))
  expect(error.text).toMatch(/^cannot look at a in s3:\/\/lake: AccessDenied.*s3:ListBucket/)
})

test('a service that does not answer is given up, also in the middle of an object', async () => {
  const silent = await storeOf(() => {}, 100)
  const text = 'cannot read a in s3://lake: no answer within 100 ms. '
  const error = await failure(silent.get('a', 0, 10))
  expect(error.text).toContain(text)
  expect(error.retriable).toBe(true)
  const half = await storeOf((_, response) => {
    response.writeHead(206, { 'content-length': 10 })
    response.write('12345')
  }, 100)
  expect((await failure(half.get('a', 0, 10))).text).toContain(text)
})

test('nobody who listens is trouble that may pass', async () => {
  const error = await failure(s3Bucket(client(1), 'lake').list(''))
  expect(error.code).toBe('OBJECT_STORE_FAILED')
  expect(error.text).toContain('ECONNREFUSED')
  expect(error.retriable).toBe(true)
})

test('a service that gives more than was asked for is refused', async () => {
  const store = await storeOf((_, response) => response.end('x'.repeat(1_000)))
  expect((await failure(store.get('a', 0, 10))).text).toContain('does not read by range')
})

test('names that are none here are left out of lists, and pages filled', async () => {
  const pages = [
    '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>' +
      '<Contents><Key>a b</Key></Contents><Contents><Key>folder/</Key></Contents>',
    '<IsTruncated>false</IsTruncated><Contents><Key>good</Key></Contents>',
  ]
  const asked: string[] = []
  const store = await storeOf((request, response) => {
    asked.push(request.url ?? '')
    response.end(`<ListBucketResult>${pages[asked.length - 1]}</ListBucketResult>`)
  })
  expect(await store.list('', { limit: 5 })).toEqual(['good'])
  expect(asked[1]).toContain('continuation-token=t')
})

test('arguments that mean nothing are refused', () => {
  expect(() => s3Bucket('lake' as never, 'lake')).toThrow('INVALID_ARGUMENT')
  expect(() => s3Bucket(client(1), '')).toThrow('INVALID_ARGUMENT')
  expect(() => s3Bucket(client(1), 'lake', { timeoutMs: 0 })).toThrow('INVALID_ARGUMENT')
})
