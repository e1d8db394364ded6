import { AbortedError, ConnectionError, DatabaseError, LockTimeoutError, TimeoutError } from '../../../errors.js'
import { codeOf } from '../../../util/error-shape.js'
import { type Ask, type CatalogColumn, type InspectedTable, type InspectedType, plainColumn } from '../../catalog.js'
import { quote } from '../quote.js'
import { typeBySample } from './sample.js'
import type { StoredValue } from './stored-forms.js'
import { catalogTypeOf } from './types.js'

export const typeText = ({ type, collation }: CatalogColumn): string =>
  collation === null ? type : `${type} collate ${collation}`

/** Rows that are looked at: the first, the last, and some between them. */
const SAMPLE = 2000
const THIRD = Math.floor(SAMPLE / 3)

const STOPPED = [AbortedError, ConnectionError, LockTimeoutError, TimeoutError]

/** The message of what SQLite refuses to read, such as a view of nothing. Damaged files and reads that were stopped are errors. */
function refused(error: unknown): string {
  const isRefused =
    error instanceof DatabaseError &&
    !STOPPED.some((kind) => error instanceof kind) &&
    !/^SQLITE_(?:CORRUPT|IOERR|NOTADB)/.test(codeOf(error.cause))
  if (!isRefused) throw error
  return error.message
}

/** SQLite has five types, and each program stores dates, decimals and UUIDs in its own form: the values say which. */
export async function inspect(tables: readonly InspectedTable[], ask: Ask) {
  const types = new Map<string, ReadonlyMap<string, InspectedType>>()
  for (const table of tables) {
    const sampled = table.columns.filter(({ noted }) => noted === null)
    let note: string | undefined
    // a view may need functions that only its program has
    const stored = await sample(table.name, sampled, ask).catch((error: unknown) => {
      note = `the values of "${table.name}" can't be read, so its types are what the declarations say. ${refused(error)}`
      return []
    })
    types.set(
      table.name,
      new Map(
        table.columns.map((column) => {
          const place = sampled.indexOf(column)
          if (place < 0) return [column.name, numberedIf(column, { type: catalogTypeOf(column) })]
          const found = typeFor(column, stored[place] ?? [])
          return [column.name, note === undefined || place > 0 ? found : { ...found, note }]
        }),
      ),
    )
  }
  return types
}

function typeFor(column: CatalogColumn, stored: readonly StoredValue[]): InspectedType {
  const found = typeBySample(column, stored)
  return numberedIf(column, column.rowNumber === true && !isInteger(found) ? INTEGER : found)
}

const INTEGER: InspectedType = { type: { name: 'integer' } }
const isInteger = ({ type: { name } }: InspectedType) => name === 'integer' || name === 'bigInteger'

/** The number of the row is given to rows that have none, whatever the declaration says. */
function numberedIf({ rowNumber, numbered }: CatalogColumn, found: InspectedType): InspectedType {
  if (rowNumber !== true || !isInteger(found)) return found
  return { type: { name: found.type.name, autoIncrement: true, ...(!numbered && { reuse: true }) } }
}

/** What the columns of some rows hold, without NULL. */
async function sample(table: string, columns: readonly CatalogColumn[], ask: Ask): Promise<readonly StoredValue[][]> {
  if (columns.length === 0) return []
  const name = quote(table)
  const [[count = 0] = []] = await ask(`select count(*) from ${name}`)
  const values = columns.map(({ name: column }) => {
    const c = quote(column)
    // bytes as digits; a long text says no more than its beginning
    return `typeof(${c}), case typeof(${c}) when 'blob' then hex(substr(${c}, 1, 17)) else substr(cast(${c} as text), 1, 2000) end`
  })
  const select = `select ${values.join(', ')} from ${name}`
  const rows = await ask(`${select} limit ${Number(count) > SAMPLE ? THIRD : SAMPLE}`)
  const more = Number(count) > SAMPLE ? await further(select, Number(count), ask) : []
  const stored: StoredValue[][] = columns.map(() => [])
  for (const row of [...rows, ...more])
    for (const [i, list] of stored.entries()) {
      const kind = String(row[i * 2])
      if (kind !== 'null') list.push({ kind, text: String(row[i * 2 + 1]) })
    }
  return stored
}

/** Views and tables without row numbers have no last rows. */
async function further(select: string, count: number, ask: Ask) {
  const step = Math.max(1, Math.floor(count / THIRD))
  return ask(`select * from (${select} order by rowid desc limit ${THIRD})
union all select * from (${select} where rowid % ${step} = 0 limit ${THIRD})`).catch((error: unknown) => {
    refused(error)
    return []
  })
}

const VIEWS = "select name from main.sqlite_schema where type = 'view' order by name"

export async function viewColumns(ask: Ask) {
  const views = new Map<string, readonly CatalogColumn[]>()
  for (const [name] of await ask(VIEWS)) {
    const view = String(name)
    const columns = `select name, type from pragma_table_xinfo('${view.replaceAll("'", "''")}') order by cid`
    // a view of a table that is gone has none
    const rows = await ask(columns).catch((error: unknown) => {
      refused(error)
      return []
    })
    views.set(
      view,
      rows.map(([column, type]) => plainColumn(String(column), String(type))),
    )
  }
  return views
}
