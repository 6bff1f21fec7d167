const core = require('@millrace/core')
const kafka = require('@millrace/kafka')
const rocksdb = require('@millrace/rocksdb')
const { run } = require('./on-disk-run.cjs')

run({ core, kafka, rocksdb }).catch(error => {
  console.error(error)
  process.exitCode = 1
})
