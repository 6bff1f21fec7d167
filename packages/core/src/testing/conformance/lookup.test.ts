import { describe, expect, test } from 'vitest'
import type { LookupDefinition } from '../../lookup/lookup.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { failedQuestions } from './failed-questions.ts'
import { type LookupRow, testLookup } from './lookup.ts'

const Row = schema({ id: t.string(), n: t.int32(), note: t.string().nullable() })

/** A table in memory, with a mistake perhaps. */
function table(rows: readonly LookupRow[], mistake = ''): LookupDefinition {
  const byId = new Map(rows.map(row => [row.id, row]))
  return {
    name: 'table',
    schema: Row,
    key: [{ name: 'id', type: t.string() }],
    create: () => {
      let fields: readonly string[] = []
      let isClosed = false
      return {
        open: async context => {
          fields = context.fields
          if (mistake !== 'anything') for (const name of fields) Row.typeOf(name)
        },
        rows: async keys => {
          const found = keys.flatMap(([id]) => {
            const row = byId.get(id as string)
            if (row === undefined) return mistake === 'gaps' ? [] : [null]
            const names = mistake === 'order' ? [...fields].sort() : fields
            return [names.map(name => row[name as keyof LookupRow])]
          })
          return mistake === 'reversed' ? found.reverse() : found
        },
        close: async () => {
          if (isClosed && mistake === 'closed') throw new Error('closed')
          isClosed = true
        },
      }
    },
  }
}

testLookup({ describe, test, expect }, rows => table(rows))

test.each(['anything', 'gaps', 'order', 'reversed', 'closed'])(
  'finds a mistake: %s',
  async name => {
    const failed = await failedQuestions(expect, hooks =>
      testLookup(hooks, rows => table(rows, name)),
    )
    expect(failed.length).toBeGreaterThan(0)
  },
)
