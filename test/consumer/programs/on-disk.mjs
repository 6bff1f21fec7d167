import * as core from '@millrace/core'
import * as kafka from '@millrace/kafka'
import * as rocksdb from '@millrace/rocksdb'
import { run } from './on-disk-run.cjs'

await run({ core, kafka, rocksdb })
