export { ERROR_CODES, type ErrorCode, MillraceError } from './errors.ts'
