import { Field, Model, sql } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { describeDifference, driftOf } from '../../src/migration/drift.js'
import { printMigration } from '../../src/migration/printer.js'
import { replay } from '../../src/migration/replay.js'
import { diffStates } from '../../src/schema/diff.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeDatabases } from '../support/databases.js'
import { exportOf } from '../support/migrations.js'

// What a model says about a table that another program made: its own types, names and options.

class Shelf extends Model(
  {
    room: Field.string({ max: 20, sql: 'char(20)' }),
    number: Field.integer({ sql: 'decimal(9,0)', primaryKey: true }),
    place: Field.integer({ primaryKey: true }),
    label: Field.string({ max: 40 }),
    code: Field.string({ max: 40 }),
    isOpen: Field.boolean({ sql: 'boolean', dbDefault: sql`false` }),
  },
  {
    table: 'shelves',
    uniques: [['code']],
    indexes: [{ fields: ['label', 'code'], sql: 'label desc, code', name: 'by_label' }],
    checks: { code: { check: sql`code <> ''`, name: 'chk_code' }, label: sql`label <> ''` },
  },
) {}

class Box extends Model(
  {
    shelfNumber: Field.integer({ sql: 'decimal(9,0)' }),
    shelfPlace: Field.integer(),
    shelfCode: Field.string({ max: 40, nullable: true }),
    parentId: Field.foreignKey(() => Box, { name: 'box_parent', index: false, nullable: true }),
  },
  {
    foreignKeys: [
      { fields: ['shelfNumber', 'shelfPlace'], references: () => Shelf, name: 'box_shelf', onDelete: 'cascade' },
      { fields: 'shelfCode', references: () => Shelf, localKey: 'code' },
    ],
  },
) {}

class Plain extends Model(
  { name: Field.string({ primaryKey: true }) },
  { tableOptions: ['without rowid', 'engine Aria'] },
) {}

describeDatabases('details of tables', (database) => {
  const MODELS = [Plain, Shelf, Box]
  const state = stateOfModels(MODELS.map(metadataOf))

  afterEach(() => database.db.dropTables(MODELS))

  it('are created as the models say, and found so', async () => {
    const { db } = database
    await db.createTables(MODELS)
    const { differences, found } = await driftOf(db, state, { ignore: [], own: [] })
    expect(differences.map(describeDifference)).toEqual([])
    const shelves = found.tables.get('shelves')
    expect(shelves?.checks.map(({ name }) => name).sort()).toEqual(['chk_code', 'shelves_label_check'])
    expect(shelves?.indexes.map(({ name }) => name).sort()).toEqual(['by_label', 'shelves_code_unique'])
    const boxes = found.tables.get('boxes')
    expect(boxes?.foreignKeys.map(({ name }) => name).sort()).toEqual([
      'box_parent',
      'box_shelf',
      'boxes_shelf_code_fkey',
    ])
    expect(boxes?.indexes.every(({ unnamed }) => unnamed)).toBe(true)
    const options = found.tables.get('plains')?.options ?? []
    if (database.kind === 'sqlite') expect(options).toEqual(['without rowid'])
    if (database.kind === 'mysql') expect(options).toContain('engine Aria')
  })

  it('are in migrations too', () => {
    const operations = diffStates(EMPTY, state, { removal: 'hard', dropRetired: true })
    const text = printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })
    expect(text).toContain("sql: 'label desc, code'")
    expect(text).toContain("options: ['without rowid', 'engine Aria']")
    const replayed = replay([{ id: 'first', file: exportOf(text) }]).state
    expect(diffStates(replayed, state, { removal: 'hard', dropRetired: true })).toEqual([])
  })

  it('work in queries', async () => {
    const { db } = database
    await db.createTables(MODELS)
    await Shelf.create({ room: 'r'.repeat(20), number: 7, place: 1, label: 'a', code: 'c' })
    const shelf = await Shelf.where('number', 7).firstOrFail()
    expect([shelf.room, shelf.isOpen]).toEqual(['r'.repeat(20), false])
    await Box.create({ shelfNumber: 7, shelfPlace: 1, shelfCode: 'c' })
    await expect(Box.create({ shelfNumber: 8, shelfPlace: 1 })).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
    await shelf.delete()
    expect(await Box.count()).toBe(0)
  })
})
