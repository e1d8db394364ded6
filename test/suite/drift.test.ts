import { type Database, Field, Model, sql } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { EMPTY, type SchemaState } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { isSchema } from '../../src/migration/definition.js'
import {
  adopt,
  type DriftOptions,
  describeDifference,
  driftOf,
  revert,
  revertScript,
} from '../../src/migration/drift.js'
import { printMigration } from '../../src/migration/printer.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeDatabases } from '../support/databases.js'
import { models } from '../support/models.js'

// What somebody has changed in a database without a migration.

class Wine extends Model(
  {
    name: Field.string({ max: 50, unique: true, description: 'the label' }),
    color: Field.enum(['red', 'white'], { dbDefault: 'red' }),
    year: Field.integer({ index: true }),
    price: Field.decimal({ precision: 8, scale: 2, nullable: true }),
    note: Field.text({ nullable: true }),
  },
  { checks: { old: sql`year > 1700` } },
) {}

class Glass extends Model({ wineId: Field.foreignKey(() => Wine, { onDelete: 'cascade' }) }) {}

const WINES = stateOfModels([Wine, Glass].map(metadataOf))
const OPTIONS: DriftOptions = { ignore: [], own: [] }

describeDatabases('drift', (database) => {
  const drift = (state: SchemaState, options = OPTIONS) => driftOf(database.db, state, options)
  const lines = async (state: SchemaState, options = OPTIONS) =>
    (await drift(state, options)).differences.map(describeDifference)
  const change = async (db: Database, ...statements: readonly string[]) => {
    for (const statement of statements) await db.execute(sql.raw(statement))
  }

  afterEach(async () => {
    await change(database.db, 'drop view if exists cheap', 'drop table if exists corks')
    await database.db.dropTables([...models, Wine, Glass])
  })

  it('is none after createTables', async () => {
    await database.db.createTables(models)
    expect(await lines(stateOfModels(models.map(metadataOf)))).toEqual([])
  })

  it('lists tables that are missing, and those that nobody expects', async () => {
    const { db } = database
    await db.createTables([Wine])
    await change(db, 'create table corks (id integer primary key, size integer)')
    const found = await lines(WINES)
    expect(found).toEqual(['table glasses is missing', 'table corks is not expected'])
    expect(await lines(WINES, { ignore: ['co*'], own: [] })).toEqual(['table glasses is missing'])
    expect(await lines(WINES, { ignore: ['glas*s'], own: ['corks'] })).toEqual([])
  })

  it('lists columns and indexes that were added, dropped or renamed, and adopts them', async () => {
    const { db } = database
    await db.createTables([Wine, Glass])
    await change(
      db,
      'alter table wines add column stars integer default 3',
      'alter table wines drop column note',
      `drop index wines_year_index${database.kind === 'mysql' ? ' on wines' : ''}`,
      'create index wines_by_price on wines (price)',
      'create view cheap as select name from wines where price < 5',
    )
    const found = await drift(WINES)
    expect(found.differences.map(({ kind, change, table, name }) => [kind, change, table, name])).toEqual([
      ['column', 'missing', 'wines', 'note'],
      ['column', 'unexpected', 'wines', 'stars'],
      ['index', 'missing', 'wines', 'wines_year_index'],
      ['index', 'unexpected', 'wines', 'wines_by_price'],
      ['view', 'unexpected', 'cheap', null],
    ])
    const adoption = await adopt(db, WINES, found, OPTIONS)
    expect(adoption.left).toEqual([])
    expect(await lines(adoption.state)).toEqual([])
    const { operations } = adoption
    expect(operations.map(({ op }) => op).sort()).toEqual([
      'addColumn',
      'createIndex',
      'createView',
      'dropIndex',
      'removeColumn',
    ])
    const text = printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })
    expect(text).toContain("op: 'addColumn'")
    expect(text).toContain("name: 'wines_by_price'")
  })

  it('writes the steps that bring the database back, and what they lose as comments', async () => {
    const { db } = database
    await db.createTables([Wine, Glass])
    await change(db, 'alter table wines add column stars integer', 'alter table wines drop column note')
    const script = revertScript(revert(WINES, await drift(WINES), db.dialect))
    const lines = script.split('\n').filter((line) => line.includes('wines'))
    expect(lines.filter((line) => /drop column/i.test(line)).every((line) => line.startsWith('-- '))).toBe(true)
    for (const statement of script.split(';\n'))
      if (!statement.replace(/^--.*$/gm, '').match(/^\s*$/)) await change(db, statement.replace(/^--.*$/gm, ''))
    expect((await drift(WINES)).differences).toMatchObject([{ kind: 'column', change: 'unexpected', name: 'stars' }])
  })

  it('lists what was changed of a column, and adopts it', async ({ skip }) => {
    const { db } = database
    // a database that alters no column in place has nobody who does so
    if (!database.capabilities.addForeignKey) skip()
    await db.createTables([Wine, Glass])
    const isMysql = database.kind === 'mysql'
    await change(
      db,
      ...(isMysql
        ? [
            "alter table wines modify name varchar(80) not null comment 'changed', modify year int null default 7",
            'alter table wines drop constraint wines_color_check',
            'alter table wines drop constraint wines_old_check, add constraint wines_old_check check (`year` > 1800)',
            'alter table glasses drop foreign key glasses_wine_id_fkey',
          ]
        : [
            'alter table wines alter name type varchar(80), alter year drop not null, alter year set default 7',
            "comment on column wines.name is 'changed'",
            'alter table wines drop constraint wines_color_check',
            'alter table wines drop constraint wines_old_check, add constraint wines_old_check check (year > 1800)',
            'alter table glasses drop constraint glasses_wine_id_fkey',
          ]),
    )
    const found = await drift(WINES)
    const parts = found.differences.map(({ kind, change, name, property }) => [kind, change, name, property].join(' '))
    expect(parts.map((part) => part.trim()).sort()).toEqual([
      'check different wines_old_check',
      'check missing wines_color_check',
      'column different name comment',
      'column different name type',
      'column different year default',
      'column different year nullable',
      'foreignKey missing glasses_wine_id_fkey',
    ])
    const adoption = await adopt(db, WINES, found, OPTIONS)
    expect(adoption.left).toEqual([])
    expect(adoption.operations.every(isSchema)).toBe(true)
    for (const { sql: statements } of revert(WINES, found, db.dialect)) await change(db, ...statements)
    expect(await lines(WINES)).toEqual([])
  })

  it('adopts a whole database', async () => {
    const { db } = database
    await db.createTables([Wine, Glass])
    const found = await drift(EMPTY)
    const { left, state, operations } = await adopt(db, EMPTY, found, OPTIONS)
    expect(left).toEqual([])
    expect(await lines(state)).toEqual([])
    expect(operations.filter(({ op }) => op === 'createTable')).toHaveLength(2)
    // nothing but what it had is read from the file
    expect(printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })).toContain(
      'wines',
    )
  })
})
