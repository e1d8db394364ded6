import { type Database, sql } from 'corm'
import { column, or } from 'corm/migration'
import { expect, it } from 'vitest'
import {
  type ColumnState,
  EMPTY,
  type SchemaOperation,
  type SchemaState,
  type TableState,
} from '../../src/ast/schema.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { columnDefinition } from '../../src/schema/definitions.js'
import { diffStates } from '../../src/schema/diff.js'
import { applied } from '../../src/schema/operation/index.js'
import type { MigrationOperation } from '../../src/types/migration.js'
import { describeDatabases } from '../support/databases.js'
import { Random, randomSchema, stateAfter } from '../support/random-schema.js'
import { runOperations } from '../support/schema-run.js'

// The statements of operations, on real databases: a schema that was reached by changes is the schema that is made at once.

const SEEDS = 6
const QUICK_SEEDS = 40
const HARD = { removal: 'hard', dropRetired: true } as const

const POSTGRES = sql`
  select 'column' as kind, c.relname::text as owner, a.attname::text as name,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity,
      pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)) as what
  from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
  union all select 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = current_schema()::regnamespace and contype <> 'n'
  union all select 'index', tablename::text, indexname::text, indexdef from pg_indexes where schemaname = current_schema()
  union all select 'comment', relname::text, '', obj_description(oid) from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'r'
  order by 1, 2, 3`

/** The texts of SQLite, without what is in it in another order. */
async function textsOfTables(db: Database): Promise<unknown> {
  const rows = await db.select<{ type: string; name: string; sql: string }>(
    sql`select type, name, sql from sqlite_schema where sql is not null and name not like ${'sqlite%'} order by 1, 2`,
  )
  return rows.map(({ type, name, sql: text }) =>
    type === 'table' ? { name, parts: partsOf(text) } : { type, name, text: text.replace(/\s+/g, ' ') },
  )
}

/** The columns and constraints of a table: what is between commas outside brackets, texts and comments. */
function partsOf(text: string): string[] {
  const tokens = text.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\/\*.*?\*\/|[(),]|\s+|[^\s'"(),]+/gs) ?? []
  const parts = ['']
  let depth = 0
  for (const token of tokens) {
    if (token === '(') depth += 1
    if (token === ')') depth -= 1
    const isBetween = (depth === 1 && (token === ',' || (token === '(' && parts.length === 1))) || depth === 0
    if (isBetween) parts.push('')
    else parts[parts.length - 1] += token.replace(/\s+/g, ' ').toLowerCase()
  }
  return (
    parts
      // ALTER TABLE writes it at the end
      .map((part) => (part.includes(' not null') ? `${part.replace(' not null', '')} not null` : part))
      .map((part) => part.replace(/\s+/g, ' ').trim())
      .filter((part) => part !== '')
      .sort()
  )
}

/** What a database says of its tables, whatever the order of columns. */
async function catalogOf(db: Database): Promise<unknown> {
  if (db.dialect.rebuilding !== null) return textsOfTables(db)
  const [{ version }] = (await db.select<{ version: string }>(sql`select version() as version`)) as [
    { version: string },
  ]
  if (version.startsWith('PostgreSQL')) return db.select(POSTGRES)
  const tables = await db.select<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = database() order by 1`,
  )
  const texts: string[][] = []
  for (const { name } of tables) {
    const [row] = await db.select<Record<string, string>>(sql`show create table ${sql.id(name)}`)
    texts.push(
      String(row?.['Create Table'])
        .split('\n')
        .map((line) => line.replace(/,$| AUTO_INCREMENT=\d+/, ''))
        .sort(),
    )
  }
  return texts
}

/** Does the work, and drops the tables of the state whatever comes of it. */
async function drop(db: Database, stateNow: () => SchemaState, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    const state = stateNow()
    await runOperations(db, diffStates(state, EMPTY, HARD), state)
  }
}

function resolved(from: SchemaState, ...operations: readonly MigrationOperation[]): SchemaOperation[] {
  let state = from
  return operations.flatMap((each) => {
    const operation = resolveOperation(each, state)
    if (!isSchema(operation)) return []
    state = applied(operation, state)
    return [operation]
  })
}

const HALF_A_DAY = 12 * 3_600_000

/** A value for each kind of column in random schemas, as dialects store it. */
const VALUES: Readonly<Record<string, (column: ColumnState) => unknown>> = {
  small: () => 3,
  int: () => 4,
  big: () => 2n ** 41n,
  float: () => 2.5,
  price: () => '7.25',
  flag: () => false,
  name: () => "o'hara",
  body: () => 'red wine',
  code: () => 'ab',
  role: () => 'b',
  uid: () => '0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f',
  data: () => '{"a":1}',
  day: () => '2026-03-04',
  clock: () => '01:02:03',
  at: ({ type: { precision = 3 } }) => (precision > 3 ? '1970-01-01 12:00:00.000000' : new Date(HALF_A_DAY)),
  list: ({ type: { element } }) => (element?.dataType.name === 'integer' ? [1, 2] : ['1', '2']),
  bytes: () => Uint8Array.of(0, 255),
  base: () => 5,
}

/** `"column" = value` */
function assignment(db: Database, table: TableState, { name }: ColumnState): string | null {
  const column = table.columns.find((each) => each.name === name)
  const value = column && (name.endsWith('_id') ? () => 1 : VALUES[name])?.(column)
  if (column === undefined || value === undefined) return null
  const node = {
    kind: 'fillColumn',
    rows: 'all',
    table: table.name,
    column: columnDefinition(table, column),
    value,
  } as const
  return db.dialect.compiler.compileInline(node).split(' set ').slice(1).join(' set ')
}

/** Fills each table with one row, whose number is 1, and a number that was deleted. */
async function fill(db: Database, state: SchemaState): Promise<void> {
  const tables = [...state.tables.values()]
  for (const table of tables)
    for (const id of [3, 1]) {
      const columns = table.columns.filter(({ name }) => !name.endsWith('_id'))
      const set = columns.flatMap((column) => assignment(db, table, column) ?? [])
      const [names, values] = [0, 1].map((i) => set.map((each) => each.split(' = ')[i]))
      const quote = (name: string) => db.dialect.compiler.syntax.quote(name)
      await db.execute(
        sql.raw(
          `insert into ${quote(table.name)} (${[quote('id'), ...(names ?? [])].join(', ')}) values (${[id, ...(values ?? [])].join(', ')})`,
        ),
      )
      if (id > 1) await db.execute(sql`delete from ${sql.id(table.name)} where id = ${id}`)
    }
  for (const table of tables)
    for (const column of table.columns.filter(({ name }) => name.endsWith('_id'))) {
      const set = assignment(db, table, column)
      await db.execute(sql`update ${sql.id(table.name)} set ${sql.raw(String(set))}`)
    }
}

/** The same operations for tables with rows. */
const withRows = (operations: readonly SchemaOperation[]): SchemaOperation[] =>
  operations.map((operation) => {
    if (operation.op === 'addColumn') return { ...operation, fill: VALUES[operation.column.name]?.(operation.column) }
    // no database converts the elements of arrays
    if (operation.op === 'alterColumn' && operation.column.name === 'list') {
      const isNumbers = operation.column.type.element?.dataType.name === 'integer'
      const list = isNumbers ? "'[1,2]'" : `'["1","2"]'`
      return { ...operation, using: { default: list, postgres: isNumbers ? "'{1,2}'::int[]" : "'{1,2}'::text[]" } }
    }
    return operation
  })

/** Expects the row in each table of both states, with its values, and the next number. */
async function expectRows(db: Database, from: SchemaState, to: SchemaState, about: string): Promise<void> {
  for (const table of to.tables.values()) {
    if (!from.tables.has(table.name)) continue
    const rows = await db.select<{ id: number }>(sql`select id from ${sql.id(table.name)}`)
    expect(
      rows.map(({ id }) => Number(id)),
      `${about}, ${table.name}`,
    ).toEqual([1])
    if (db.dialect.rebuilding === null) continue
    for (const column of table.columns) {
      // a key that is new has no value yet
      const isNew = !from.tables.get(table.name)?.columns.some(({ name }) => name === column.name)
      const set = isNew && column.name.endsWith('_id') ? null : assignment(db, table, column)
      if (set === null) continue
      const where = sql.raw(set)
      const found = await db.select(sql`select 1 from ${sql.id(table.name)} where ${where}`)
      expect(found, `${about}: ${table.name} with ${set}`).toHaveLength(1)
    }
    const [counter] = await db.select<{ seq: number }>(sql`select seq from sqlite_sequence where name = ${table.name}`)
    expect(Number(counter?.seq), `${about}: numbers of ${table.name}`).toBe(3)
    expect(await db.select(sql`select * from pragma_foreign_key_check`), about).toEqual([])
  }
}

describeDatabases('changes of a schema', (database) => {
  it('lead to the schema that is made at once', { timeout: 120_000 }, async () => {
    const { db } = database
    const seeds = database.facts.quick ? QUICK_SEEDS : SEEDS
    for (let seed = 1; seed <= seeds; seed++) {
      let wanted: unknown
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const fresh = await runOperations(db, diffStates(EMPTY, b, HARD), EMPTY)
      await drop(
        db,
        () => fresh,
        async () => {
          wanted = await catalogOf(db)
        },
      )
      const made = await runOperations(db, diffStates(EMPTY, a, HARD), EMPTY)
      await fill(db, made)
      let last = made
      await drop(
        db,
        () => last,
        async () => {
          last = await runOperations(db, withRows(diffStates(made, b, HARD)), made)
          expect(await catalogOf(db), `seed ${seed}`).toEqual(wanted)
          await expectRows(db, made, last, `seed ${seed}`)
        },
      )
    }
  })

  it('keep the rows, and fill new columns', async () => {
    const { db } = database
    const create = resolved(EMPTY, {
      op: 'createTable',
      table: 'alphas',
      columns: { id: column.id(), n: column.integer(), role: column.enum(['a', 'b']), body: column.text() },
      checks: { alphas_role_check: (c) => or(c.role!.eq('a'), c.role!.eq('b')) },
    })
    const made = await runOperations(db, create, EMPTY)
    let last = made
    await drop(
      db,
      () => last,
      async () => {
        await db.execute(sql`insert into alphas (n, role, body) values (${7}, ${'a'}, ${'red wine'})`)
        const change = async (...operations: MigrationOperation[]) => {
          last = await runOperations(db, resolved(last, ...operations), last)
        }
        await change(
          { op: 'addColumn', table: 'alphas', column: 'slug', definition: column.string({ max: 20 }), fill: "it's" },
          {
            op: 'addColumn',
            table: 'alphas',
            column: 'twice',
            definition: column.integer({ generated: (c) => c.n!.times(2), stored: true }),
          },
        )
        await change({ op: 'removeColumn', table: 'alphas', column: 'twice' })
        await change(
          {
            op: 'alterColumn',
            table: 'alphas',
            column: 'n',
            to: column.bigInteger({ nullable: true, default: 9, comment: 'a number' }),
          },
          { op: 'renameColumn', table: 'alphas', from: 'n', to: 'count' },
          { op: 'dropCheck', table: 'alphas', name: 'alphas_role_check' },
          { op: 'alterColumn', table: 'alphas', column: 'role', to: column.enum(['a', 'b', 'long']) },
          { op: 'addCheck', table: 'alphas', name: 'alphas_role_check', check: (c) => c.role!.in(['a', 'b', 'long']) },
          { op: 'createIndex', table: 'alphas', name: 'alphas_slug_index', columns: ['slug'] },
          { op: 'renameIndex', table: 'alphas', from: 'alphas_slug_index', to: 'alphas_slug_i' },
          { op: 'createIndex', table: 'alphas', name: 'alphas_words', columns: ['body'], fullText: true },
          { op: 'alterComment', table: 'alphas', comment: 'of things' },
          { op: 'alterComment', table: 'alphas', column: 'slug', comment: "it's a slug" },
          { op: 'createView', name: 'alpha_slugs', sql: 'select slug from alphas' },
        )
        await db.execute(sql`insert into alphas (role, body, slug) values (${'long'}, ${'white'}, ${'x'})`)
        const rows = await db.select(sql`select count, role, slug from alphas order by id`)
        expect(rows.map((row) => Object.values(row).map(String))).toEqual([
          ['7', 'a', "it's"],
          ['9', 'long', 'x'],
        ])
        expect(await db.select(sql`select slug from alpha_slugs order by slug`)).toHaveLength(2)
        const wrong = db.execute(sql`insert into alphas (role, body, slug) values (${'no'}, ${''}, ${''})`)
        await expect(wrong).rejects.toThrow()
        await change(
          { op: 'dropView', name: 'alpha_slugs' },
          { op: 'dropIndex', table: 'alphas', name: 'alphas_words' },
          { op: 'retireColumn', table: 'alphas', column: 'body' },
          { op: 'alterComment', table: 'alphas', comment: null },
          { op: 'renameTable', table: 'alphas', to: 'betas' },
        )
        await db.execute(sql`insert into betas (role, slug) values (${'b'}, ${'y'})`)
        expect(await db.select(sql`select slug from betas where body is null`)).toEqual([{ slug: 'y' }])
      },
    )
  })
})
