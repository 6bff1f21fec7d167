/**
 * One pipeline, `where` and a tumbling window, over the same records as Avro with a registry and as
 * JSON, and on Kafka Streams over the topic of Avro. Runs take turns; each is a process of its own.
 */
import { embeddedRegistry, registry } from '@millrace/avro'
import type { Verdict } from '../benchmarks.ts'
import { AVRO_EVENT } from '../event.ts'
import type { Lab } from '../lab.ts'
import { AVRO_CASES } from '../peers/cases.ts'
import { performMatrix } from '../peers/perform-matrix.ts'

export async function avroPipelines(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const embedded = embeddedRegistry()
  await embedded.start()
  const schemas = registry(embedded.url)
  try {
    const { id } = await schemas.register('events', JSON.stringify(AVRO_EVENT))
    return await performMatrix(lab, args, {
      name: 'avro',
      cases: AVRO_CASES,
      withPeers: true,
      registry: { url: embedded.url, schemaId: id },
    })
  } finally {
    schemas.close()
    await embedded.close()
  }
}
