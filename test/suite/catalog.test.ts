import { type Database, DefinitionError, sql, UnsupportedError } from 'corm'
import { beforeAll, expect, it } from 'vitest'
import { EMPTY, type SchemaOperation, type SchemaState } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { diffStates } from '../../src/schema/diff.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeOperation } from '../../src/schema/operation/index.js'
import { runStep, schemaSteps, textsOf } from '../../src/schema/steps.js'
import { type Combination, combinations } from '../support/catalog-kinds.js'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'
import { schemaSession } from '../support/schema-run.js'

// What is created is what is read: for every kind of field, with every option, on every database.

const HARD = { removal: 'hard', dropRetired: true } as const
/** Few enough that a row of all of them fits into a page of InnoDB. */
const COLUMNS = 24

/** A model of a table `name`, with these columns and those that they read. */
function modelOf(name: string, items: readonly Combination[], only: (item: Combination) => boolean = () => true): any {
  const all = combinations()
  const bases = new Set(items.filter(({ isGenerated }) => isGenerated).map(({ base }) => base))
  const needed = all.filter((item) => bases.has(item.name) && !items.some((each) => each.name === item.name))
  const fields = [...needed, ...items].filter(only).map((item) => [item.name, item.make()] as const)
  return class Made extends looseModel(Object.fromEntries(fields), { table: name }) {}
}

/** Whether the database takes a column like that. */
function isTaken(db: Database, item: Combination): boolean {
  try {
    db.toSQLCreateTables([modelOf('tried', [item])])
    return true
  } catch (error) {
    if (!(error instanceof DefinitionError || error instanceof UnsupportedError)) throw error
    return false
  }
}

const stateOf = (models: readonly any[]): SchemaState => stateOfModels(models.map((model) => metadataOf(model)))

async function differences(db: Database, state: SchemaState): Promise<string[]> {
  const drift = await driftOf(db, state, { ignore: [], own: [] })
  return drift.differences.map(describeDifference)
}

async function run(db: Database, operations: readonly SchemaOperation[], from: SchemaState): Promise<SchemaState> {
  const { dialect } = db
  let state = from
  for (const step of schemaSteps(operations, from, dialect)) {
    await runStep(step, schemaSession(db, dialect)).catch((error: Error) => {
      throw new Error(
        `${step.operations.map(describeOperation).join(', ')}: ${error.message}\n${textsOf(step, dialect)}`,
      )
    })
    state = step.after
  }
  return state
}

describeDatabases('the catalog', (database) => {
  /** The combinations that the database takes, in tables. */
  const tables: (readonly Combination[])[] = []

  beforeAll(() => {
    const taken = combinations().filter((item) => isTaken(database.db, item))
    const count = Math.ceil(taken.length / COLUMNS)
    tables.length = 0
    // those of one kind in different tables: some are long
    for (let i = 0; i < count; i++) tables.push(taken.filter((_, place) => place % count === i))
  })

  it('describes tables as they were created', { timeout: 120_000 }, async () => {
    const { db } = database
    const models = tables.map((items, i) => modelOf(`made_${i}`, items))
    await db.createTables(models)
    expect(await differences(db, stateOf(models))).toEqual([])
    await db.dropTables(models)
  })

  it('describes tables that were changed as those that are created', { timeout: 240_000 }, async ({ skip }) => {
    const { db } = database
    if (!database.capabilities.addForeignKey) skip()
    const empty = stateOf(tables.map((_, i) => modelOf(`made_${i}`, [])))
    const wanted = stateOf(tables.map((items, i) => modelOf(`made_${i}`, items)))
    const made = await run(db, diffStates(EMPTY, empty, HARD), EMPTY)
    const reached = await run(db, diffStates(made, wanted, HARD), made)
    expect(await differences(db, wanted)).toEqual([])
    expect(diffStates(reached, wanted, HARD)).toEqual([])
    await run(db, diffStates(reached, EMPTY, HARD), reached)
  })

  it('describes the same tables whenever they are changed back and forth', { timeout: 120_000 }, async ({ skip }) => {
    const { db } = database
    if (!database.capabilities.addForeignKey) skip()
    const few = tables.slice(0, 2)
    const empty = stateOf(few.map((_, i) => modelOf(`made_${i}`, [])))
    const wanted = stateOf(few.map((items, i) => modelOf(`made_${i}`, items)))
    let state = await run(db, diffStates(EMPTY, empty, HARD), EMPTY)
    for (const _ of [1, 2]) {
      state = await run(db, diffStates(state, wanted, HARD), state)
      expect(await differences(db, wanted)).toEqual([])
      state = await run(db, diffStates(state, empty, HARD), state)
      expect(await differences(db, empty)).toEqual([])
    }
    await run(db, diffStates(state, EMPTY, HARD), state)
  })

  it('reads names and texts that look like SQL', async () => {
    const { db } = database
    const names = [
      'a"b',
      "it's",
      'x`y',
      'check',
      'Größe',
      '-- no',
      '/* no */',
      'a, b) check (1',
      '[c]',
      'a.b',
      'Primary Key',
    ]
    const fields = names.map((column, i) => [
      `f${i}`,
      looseField.string?.({ max: 20, column, index: i % 2 === 0, dbDefault: `${column} ' , )`, description: column }),
    ])
    class Odd extends looseModel(Object.fromEntries(fields), {
      table: 'odd "table", (x',
      comment: "a 'comment' of \n two lines",
      indexes: [{ fields: ['f0', 'f2'], name: 'i USING btree (a, b)' }],
      checks: { one: sql`${sql.id('check')} <> 'check (1)'`, two: sql`${sql.id("it's")} not in ('), (', '--')` },
    }) {}
    await db.createTables([Odd])
    try {
      expect(await differences(db, stateOf([Odd]))).toEqual([])
    } finally {
      await db.dropTables([Odd])
    }
  })

  it('reads keys of several columns, cycles, actions, views, and full text', async () => {
    const { db } = database
    const of = (target: () => unknown, options: object) => looseField.foreignKey?.(target, options)
    const author = (): unknown => Author
    const novel = (): unknown => Novel
    class Shelf extends looseModel(
      { row: looseField.string?.({ max: 9, primaryKey: true }), place: looseField.integer?.({ primaryKey: true }) },
      { table: 'shelves' },
    ) {}
    class Author extends looseModel(
      { name: looseField.string?.(), bestId: of(novel, { nullable: true, onDelete: 'setNull' }) },
      { table: 'authors' },
    ) {}
    class Novel extends looseModel(
      {
        title: looseField.text?.(),
        authorId: of(author, { onDelete: 'cascade', onUpdate: 'noAction' }),
        sequelOfId: of(novel, { nullable: true }),
        isbn: looseField.string?.({ max: 20 }),
      },
      {
        table: 'novels',
        uniques: [['authorId', 'isbn']],
        indexes: [{ fields: ['title'], fullText: true }],
      },
    ) {}
    const models = [Shelf, Author, Novel]
    await db.createTables(models)
    try {
      await db.execute(sql`create view titles as select title from novels`)
      const state = stateOf(models)
      const views = new Map([['titles', { name: 'titles', sql: { default: 'select title from novels' } }]])
      expect(await differences(db, { ...state, views })).toEqual([])
      const found = await driftOf(db, { ...state, views }, { ignore: [], own: [] })
      expect(found.unmanaged.filter(({ table }) => table === 'novels')).toEqual([])
    } finally {
      await db.execute(sql`drop view titles`)
      await db.dropTables(models)
    }
  })
})
