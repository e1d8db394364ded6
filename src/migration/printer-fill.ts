import { literal, member, objectSource, writeSource } from '../util/source-text.js'
import { sourceOfValue } from './column-value.js'
import type { FillInBatches } from './safe-form.js'

/** The text of an operation that fills a column in batches. */
export function fillText({ table, column, key, type, value }: FillInBatches): string {
  const row = writeSource(objectSource(key.map((name) => [name, member('row', name)])), 6)
  const values = writeSource(objectSource([[column, sourceOfValue(type, value)]]), 6)
  return `{
      op: 'data',
      name: ${literal(`fill ${table}.${column}`)},
      async up(data) {
        const rows = data.table(${literal(table)})
        for await (const batch of rows.batches())
          for (const row of batch) if (${member('row', column)} === null) await rows.update(${row}, ${values})
      },
      down: 'none',
    }`
}
