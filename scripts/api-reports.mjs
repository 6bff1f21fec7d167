/**
 * `npm run api`: writes what each package promises its users into packages/NAME/api/ENTRY.api.md;
 * with --check it compares only, and fails where a report is not what the package is now.
 */

import { apiReports } from './api/api-reports.mjs'
import { ROOT } from './command.mjs'

const isCheck = process.argv.includes('--check')
const changed = apiReports(ROOT, { writes: !isCheck })
for (const { report, difference } of changed) {
  console.log(isCheck ? `${report} is not what the package offers:\n${difference}` : report)
}
if (isCheck && changed.length > 0) {
  console.log('What users see has changed. If that is meant: npm run api, and a change note.')
  process.exitCode = 1
}
