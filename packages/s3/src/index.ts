/** `@millrace/s3`: buckets of S3-compatible services as object stores. */
export { type S3BucketOptions, s3Bucket } from './s3-bucket.ts'
