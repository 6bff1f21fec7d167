import { destination, pino } from 'pino'
import type { Logger } from '../runtime/logger.ts'

/**
 * Lines of JSON on standard error, from level info on, or from `MILLRACE_LOG` (`debug`, `warn`,
 * `silent`, …).
 */
export function defaultLogger(applicationId: string): Logger {
  const level = process.env['MILLRACE_LOG'] ?? 'info'
  return pino(
    { name: 'millrace', level, base: { app: applicationId } },
    destination({ fd: 2, sync: true }),
  )
}
