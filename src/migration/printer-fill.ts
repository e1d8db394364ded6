import { callSource, member, objectSource, type Source, stringLiteral, writeSource } from '../util/source-text.js'
import { sourceOfValue } from './column-value.js'
import type { CopyInBatches, FillInBatches } from './written-operation.js'

/** The text of an operation that fills a column in batches. */
export function fillText({ table, column, key, type, value }: FillInBatches): string {
  if (key.length === 0) return fillAtOnceText({ table, column, type, value })
  return `{
      op: 'data',
      name: ${stringLiteral(`fill ${table}.${column}`)},
      async up${inBatchesText({ table, key, open: [column], values: [[column, sourceOfValue(type, value)]] })},
      down: 'none',
    }`
}

interface UpdateOfBatches {
  readonly table: string
  readonly key: readonly string[]
  /** Only rows without a value in these columns are updated. */
  readonly open: readonly string[]
  readonly values: readonly (readonly [string, Source])[]
}

/** The parameters and the body of a function that updates rows batch by batch. */
function inBatchesText({ table, key, open, values }: UpdateOfBatches): string {
  const [first = ''] = key
  const set = writeSource(objectSource(values), 6)
  const where = (keys: readonly (readonly [string, Source])[]) =>
    writeSource(objectSource([...keys, ...open.map((name) => [name, 'null'] as const)]), 6)
  const update =
    key.length === 1
      ? `await rows.update(${where([[first, callSource('oneOf', [`batch.map((row) => ${member('row', first)})`])]])}, ${set})`
      : `for (const row of batch) await rows.update(${where(key.map((name) => [name, member('row', name)]))}, ${set})`
  return `(data) {
        const rows = data.table(${stringLiteral(table)})
        for await (const batch of rows.batches())
          ${update}
      }`
}

/** A table without a primary key has no batches. */
function fillAtOnceText({ table, column, type, value }: Omit<FillInBatches, 'op' | 'key'>): string {
  const where = writeSource(objectSource([[column, 'null']]), 6)
  const values = writeSource(objectSource([[column, sourceOfValue(type, value)]]), 6)
  return `{
      op: 'data',
      name: ${stringLiteral(`fill ${table}.${column}`)},
      // the table has no primary key, by which batches are read
      async up(data) {
        await data.table(${stringLiteral(table)}).update(${where}, ${values})
      },
      down: 'none',
    }`
}

/** The text of an operation that copies a column in batches. */
export function copyText({ table, from, to, key, when, isMirrored }: CopyInBatches): string {
  const copied = inBatchesText({
    table,
    key,
    open: when === 'up' ? [to] : [],
    values: [[isMirrored ? from : to, callSource('sql.id', [stringLiteral(from)])]],
  })
  return `{
      op: 'data',
      name: ${stringLiteral(`copy ${table}.${from} to ${to}${when === 'up' ? '' : ' if this is reversed'}`)},
      ${when === 'up' ? `async up${copied},\n      down: 'none'` : `up() {},\n      async down${copied}`},
    }`
}
