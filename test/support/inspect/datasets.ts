import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, sql } from 'corm'
import type { SchemaKind } from './schemas.js'

// Data sets of others, if CORM_TEST_DATASETS names the folder that has them: Chinook, Northwind and Sakila as JSON.

interface DataTable {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
  readonly primaryKey: readonly string[]
  readonly foreignKeys: readonly {
    readonly columns: readonly string[]
    readonly references: string
    readonly refColumns: readonly string[]
  }[]
  readonly rows: readonly (readonly unknown[])[]
}

const folder = process.env.CORM_TEST_DATASETS ?? ''
const pathOf = (name: string) => join(folder, name, `${name}.json`)

/** The names of the data sets that are there. */
export const datasets: readonly string[] = ['chinook', 'northwind', 'sakila'].filter(
  (name) => folder !== '' && existsSync(pathOf(name)),
)

const TYPES: Readonly<Record<string, Readonly<Record<SchemaKind, string>>>> = {
  integer: { sqlite: 'INTEGER', postgres: 'integer', mysql: 'int' },
  decimal: { sqlite: 'NUMERIC(10,2)', postgres: 'numeric(10,2)', mysql: 'decimal(10,2)' },
  float: { sqlite: 'REAL', postgres: 'double precision', mysql: 'double' },
  text: { sqlite: 'NVARCHAR(4000)', postgres: 'varchar(4000)', mysql: 'varchar(190)' },
  datetime: { sqlite: 'DATETIME', postgres: 'timestamp without time zone', mysql: 'datetime' },
  date: { sqlite: 'DATE', postgres: 'date', mysql: 'date' },
  boolean: { sqlite: 'BOOLEAN', postgres: 'boolean', mysql: 'tinyint(1)' },
  binary: { sqlite: 'BLOB', postgres: 'bytea', mysql: 'longblob' },
}

/** Creates the tables of a data set; on SQLite with its rows, which say how values are stored. */
export async function createDataset(db: Database, name: string, kind: SchemaKind): Promise<void> {
  const { tables } = JSON.parse(readFileSync(pathOf(name), 'utf8')) as {
    readonly tables: Readonly<Record<string, DataTable>>
  }
  const q = (text: string) => (kind === 'mysql' ? `\`${text}\`` : `"${text}"`)
  const list = (names: readonly string[]) => `(${names.map(q).join(', ')})`
  const create = async () => {
    const keys: string[] = []
    for (const [table, { columns, primaryKey, foreignKeys }] of Object.entries(tables)) {
      const lines = columns.map(
        (column) => `${q(column.name)} ${TYPES[column.type]?.[kind]}${column.nullable ? '' : ' not null'}`,
      )
      const references = foreignKeys.map(
        (key) => `foreign key ${list(key.columns)} references ${q(key.references)} ${list(key.refColumns)}`,
      )
      const inline = kind === 'sqlite' ? references.map((key) => `${key} deferrable initially deferred`) : []
      if (kind !== 'sqlite') keys.push(...references.map((key) => `alter table ${q(table)} add ${key}`))
      const body = [...lines, `primary key ${list(primaryKey)}`, ...inline]
      await db.execute(sql.raw(`create table ${q(table)} (${body.join(', ')})`))
    }
    for (const key of keys) await db.execute(sql.raw(key))
    if (kind === 'sqlite') for (const [table, { rows }] of Object.entries(tables)) await insert(db, q(table), rows)
  }
  // the keys of rows that point to each other are checked at the end
  await (kind === 'sqlite' ? db.transaction(create) : create())
}

async function insert(db: Database, table: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  for (let i = 0; i < rows.length; i += 400) {
    const values = rows.slice(i, i + 400).map((row) => `(${row.map(literal).join(', ')})`)
    await db.execute(sql.raw(`insert into ${table} values ${values.join(', ')}`))
  }
}

function literal(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return `x'${Buffer.from(String(Object.values(value)[0]), 'base64').toString('hex')}'`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}
