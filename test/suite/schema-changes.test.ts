import { type Database, sql } from 'corm'
import { column, or } from 'corm/migration'
import { expect, it } from 'vitest'
import type { SchemaOperation, SchemaState } from '../../src/ast/schema.js'
import { isSchema } from '../../src/migration/definition.js'
import { EMPTY } from '../../src/migration/replay.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { diffStates } from '../../src/schema/diff.js'
import { applied, describeOperation } from '../../src/schema/operation/index.js'
import { runStep, schemaSteps, textsOf } from '../../src/schema/steps.js'
import type { MigrationOperation } from '../../src/types/migration.js'
import { describeDatabases } from '../support/databases.js'
import { Random, randomSchema, stateAfter } from '../support/random-schema.js'

// The statements of operations, on real databases: a schema that was reached by changes is the schema that is made at once.

const SEEDS = 6
const HARD = { removal: 'hard', dropRetired: true } as const

/** Runs the steps of operations, and returns the state after them. */
async function run(db: Database, operations: readonly SchemaOperation[], from: SchemaState): Promise<SchemaState> {
  const { dialect } = db
  let state = from
  for (const step of schemaSteps(operations, from, dialect)) {
    await runStep(step, { dialect, run: (text) => db.execute(sql.raw(text)).then(() => []) }).catch((error: Error) => {
      const what = step.operations.map(describeOperation).join(', ')
      throw new Error(`${what}: ${error.message}\n${textsOf(step, dialect).join('\n')}`)
    })
    state = step.after
  }
  return state
}

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

/** What a database says of its tables, whatever the order of columns. */
async function catalogOf(db: Database): Promise<unknown> {
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
        .map((line) => line.replace(/,$/, ''))
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
    await run(db, diffStates(state, EMPTY, HARD), state)
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

describeDatabases('changes of a schema', (database) => {
  it('lead to the schema that is made at once', { timeout: 120_000 }, async ({ skip }) => {
    const { db } = database
    // a database that can't alter a table makes it again, which is no single statement
    if (!database.capabilities.addForeignKey) skip()
    for (let seed = 1; seed <= SEEDS; seed++) {
      let wanted: unknown
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const fresh = await run(db, diffStates(EMPTY, b, HARD), EMPTY)
      await drop(
        db,
        () => fresh,
        async () => {
          wanted = await catalogOf(db)
        },
      )
      const made = await run(db, diffStates(EMPTY, a, HARD), EMPTY)
      const reached = await run(db, diffStates(made, b, HARD), made)
      await drop(
        db,
        () => reached,
        async () => expect(await catalogOf(db), `seed ${seed}`).toEqual(wanted),
      )
    }
  })

  it('keep the rows, and fill new columns', async ({ skip }) => {
    const { db } = database
    if (!database.capabilities.addForeignKey) skip()
    const create = resolved(EMPTY, {
      op: 'createTable',
      table: 'alphas',
      columns: { id: column.id(), n: column.integer(), role: column.enum(['a', 'b']), body: column.text() },
      checks: { alphas_role_check: (c) => or(c.role!.eq('a'), c.role!.eq('b')) },
    })
    const made = await run(db, create, EMPTY)
    let last = made
    await drop(
      db,
      () => last,
      async () => {
        await db.execute(sql`insert into alphas (n, role, body) values (${7}, ${'a'}, ${'red wine'})`)
        const change = async (...operations: MigrationOperation[]) => {
          last = await run(db, resolved(last, ...operations), last)
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
