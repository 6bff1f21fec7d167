/**
 * A bucket of an S3-compatible service as an object store.
 *
 * An object is put in one request: it is whole or not there, and nothing is left behind. S3 has no
 * rename; here it is a copy, which appears in one step, and then a removal. Who dies in between
 * leaves both names, which a files sink takes for a rename that is still to be done. Each request
 * has its time; the client makes it again by itself where that may help.
 */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import {
  checkObjectName,
  checkObjectPrefix,
  checkRange,
  isObjectName,
  type ListPage,
  listLimit,
  MillraceError,
  type ObjectStore,
} from '@millrace/core'
import { isMissing, s3Error, statusOf } from './s3-error.ts'

export interface S3BucketOptions {
  /** A call that takes longer fails, with all its attempts; milliseconds. Default 60,000. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 60_000
const RANGE_NOT_SATISFIABLE = 416

/**
 * A bucket that is there as an object store: for files as output, and to read files from. The
 * client is the caller's, with its region, credentials and endpoint; it is not closed.
 *
 * @example
 * const lake = s3Bucket(new S3Client({ region: 'eu-north-1' }), 'lake')
 * frame.sink(filesSink(lake, { prefix: 'flights/' }))
 * @throws INVALID_ARGUMENT
 */
export function s3Bucket(
  client: S3Client,
  bucket: string,
  options: S3BucketOptions = {},
): ObjectStore {
  const { timeoutMs = TIMEOUT_MS } = options
  if (typeof client?.send !== 'function') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      's3Bucket takes a client first: s3Bucket(new S3Client({ region }), bucket).',
    )
  }
  if (typeof bucket !== 'string' || bucket === '') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `the name of a bucket is text, not ${JSON.stringify(bucket)}.`,
    )
  }
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `timeoutMs must be a whole number above 0; got ${JSON.stringify(timeoutMs)}.`,
    )
  }
  return new S3Bucket(client, bucket, timeoutMs)
}

class S3Bucket implements ObjectStore {
  readonly name: string
  readonly #client: S3Client
  readonly #bucket: string
  readonly #timeoutMs: number

  constructor(client: S3Client, bucket: string, timeoutMs: number) {
    this.name = `s3://${bucket}`
    this.#client = client
    this.#bucket = bucket
    this.#timeoutMs = timeoutMs
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#doing(`write ${name}`, async abortSignal => {
      const command = new PutObjectCommand({ ...this.#at(name), Body: bytes })
      await this.#client.send(command, { abortSignal })
    })
  }

  size(name: string): Promise<number | null> {
    return this.#doing(`look at ${name}`, signal => this.#sizeOf(name, signal))
  }

  get(name: string, start: number, end: number): Promise<Uint8Array | null> {
    return this.#doing(`read ${name}`, async abortSignal => {
      const at = this.#at(name)
      checkRange(start, end)
      if (start === end) {
        return (await this.#sizeOf(name, abortSignal)) === null ? null : new Uint8Array(0)
      }
      try {
        const command = new GetObjectCommand({ ...at, Range: `bytes=${start}-${end - 1}` })
        const { Body, ContentLength = 0 } = await this.#client.send(command, { abortSignal })
        if (Body === undefined || ContentLength > end - start) {
          throw new Error('the service does not read by range')
        }
        return await Body.transformToByteArray()
      } catch (error) {
        if (isMissing(error)) return null
        // It is there, and ends before.
        if (statusOf(error) === RANGE_NOT_SATISFIABLE) return new Uint8Array(0)
        throw error
      }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#doing(`rename ${from}`, async abortSignal => {
      const [source, target] = [this.#at(from), this.#at(to)]
      if (from === to) {
        if ((await this.#sizeOf(from, abortSignal)) === null) throw this.#missing(from)
        return
      }
      const CopySource = `${this.#bucket}/${from.split('/').map(encodeURIComponent).join('/')}`
      try {
        await this.#client.send(new CopyObjectCommand({ ...target, CopySource }), { abortSignal })
      } catch (error) {
        throw isMissing(error) ? this.#missing(from) : error
      }
      await this.#client.send(new DeleteObjectCommand(source), { abortSignal })
    })
  }

  list(prefix: string, page: ListPage = {}): Promise<string[]> {
    return this.#doing('list names', async abortSignal => {
      checkObjectPrefix(prefix)
      const limit = listLimit(page)
      const names: string[] = []
      const input: ListObjectsV2CommandInput = { Bucket: this.#bucket, Prefix: prefix }
      if (page.after !== undefined) input.StartAfter = page.after
      // What others have put may have names that are none here.
      for (let isEnded = false; !isEnded && names.length < limit; ) {
        const command = new ListObjectsV2Command({ ...input, MaxKeys: limit - names.length })
        const answer = await this.#client.send(command, { abortSignal })
        for (const { Key = '' } of answer.Contents ?? []) if (isObjectName(Key)) names.push(Key)
        input.ContinuationToken = answer.NextContinuationToken
        isEnded = answer.NextContinuationToken === undefined
      }
      return names
    })
  }

  remove(name: string): Promise<void> {
    return this.#doing(`remove ${name}`, async abortSignal => {
      await this.#client.send(new DeleteObjectCommand(this.#at(name)), { abortSignal })
    })
  }

  /** There is nothing: an object is put in one request. */
  sweep(prefix: string): Promise<void> {
    return this.#doing('remove leftovers', async () => checkObjectPrefix(prefix))
  }

  #at(name: string): { Bucket: string; Key: string } {
    checkObjectName(name)
    return { Bucket: this.#bucket, Key: name }
  }

  async #sizeOf(name: string, abortSignal: AbortSignal): Promise<number | null> {
    try {
      const command = new HeadObjectCommand(this.#at(name))
      const { ContentLength = 0 } = await this.#client.send(command, { abortSignal })
      return ContentLength
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  #missing(name: string): MillraceError {
    return new MillraceError('OBJECT_MISSING', `there is no object ${name} in ${this.name}.`)
  }

  async #doing<T>(what: string, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    try {
      return await action(signal)
    } catch (error) {
      const tookMs = signal.aborted ? this.#timeoutMs : null
      throw s3Error(error, { what, store: this.name, tookMs })
    }
  }
}
