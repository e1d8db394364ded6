import { type Database, DefinitionError, type Sql, sql, UnsupportedError } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { EMPTY, type SchemaState } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { diffStates } from '../../src/schema/diff.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { type DatabaseKind, describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'
import { dropAll } from '../support/migrations.js'
import { runOperations } from '../support/schema-run.js'
import { storesVectors } from '../support/vectors.js'

// What is created is what is read: keys with all their actions, checks of many forms, collations and vectors.

const HARD = { removal: 'hard', dropRetired: true } as const
/** InnoDB takes 64 indexes in a table. */
const COLUMNS = 20

type Fields = Readonly<Record<string, unknown>>
interface Table {
  readonly fields: Fields
  readonly checks?: Readonly<Record<string, Sql>>
}

class Target extends looseModel({ name: looseField.string?.({ nullable: true }) }, { table: 'targets' }) {}

const ACTIONS = ['cascade', 'restrict', 'setNull', 'setDefault', 'noAction'] as const

/** A key for each pair of actions, nullable or not, deferrable or not. */
const keys: readonly (readonly [name: string, make: () => unknown])[] = ACTIONS.flatMap((onDelete) =>
  ACTIONS.flatMap((onUpdate) =>
    [false, true].flatMap((nullable) =>
      [false, true].map((deferrable) => {
        const options = { onDelete, onUpdate, nullable, deferrable }
        const name = `${onDelete}_${onUpdate}${nullable ? '_null' : ''}${deferrable ? '_later' : ''}`.toLowerCase()
        return [`${name}_id`, () => looseField.foreignKey?.(() => Target, options)] as const
      }),
    ),
  ),
)

/** Conditions in forms that servers write otherwise than they are given. */
const CHECKS: readonly ((number: Sql, text: Sql) => Sql)[] = [
  (n) => sql`${n} is not null`,
  (n) => sql`not (${n} is null)`,
  (n) => sql`${n} between 1 and 10`,
  (n) => sql`${n} not between 1 and 10 and ${n} <> -1`,
  (n) => sql`${n} != 3 or ${n} > 2 and ${n} < 9`,
  (n) => sql`(${n} > 1 or ${n} < 9) and ${n} % 2 = 0`,
  (n) => sql`${n} in (1, 2, 3)`,
  (n) => sql`${n} not in (-1, 2)`,
  (n) => sql`coalesce(${n}, 0) <> 1`,
  (n) => sql`case when ${n} > 1 then 1 else 0 end = 1`,
  (n) => sql`case ${n} when 1 then 2 end is null`,
  (n) => sql`-${n} < 5 and ${n} * 2 + 1 <= 100`,
  (n) => sql`abs(${n}) >= 0`,
  (_, t) => sql`${t} in ('a', 'it''s', '')`,
  (_, t) => sql`${t} <> 'a'`,
  (_, t) => sql`${t} like 'a%'`,
  (_, t) => sql`${t} not like '%\\_%' or ${t} is null`,
  (_, t) => sql`lower(${t}) = ${t}`,
  (_, t) => sql`length(trim(${t})) > 0`,
  (n, t) => sql`${n} > 0 or ${t} is not null and length(${t}) < 10`,
  (_, t) => sql`${t} >= 'A' and ${t} < 'a -- b' and ${t} <> '/* c */'`,
]

const checked = (): Table => {
  const names = CHECKS.map((_, i) => i)
  return {
    fields: Object.fromEntries(
      names.flatMap((i) => [
        [`n${i}`, looseField.integer?.({ nullable: true })],
        [`t${i}`, looseField.string?.({ max: 20, nullable: true })],
      ]),
    ),
    checks: Object.fromEntries(names.map((i) => [`c${i}`, CHECKS[i]!(sql.id(`n${i}`), sql.id(`t${i}`))])),
  }
}

const OF_POSTGRES = ['varchar(20) collate "C"', 'text collate "POSIX"', 'character(5) collate "C"']
const COLLATED: Readonly<Record<DatabaseKind, readonly string[]>> = {
  sqlite: ['text collate nocase', 'text collate rtrim', 'text collate binary'],
  pglite: OF_POSTGRES,
  postgres: OF_POSTGRES,
  mysql: [
    'varchar(20) character set latin1 collate latin1_bin',
    'varchar(20) collate utf8mb4_general_ci',
    'varchar(20) character set ascii collate ascii_general_ci',
  ],
}

const collated = (kind: DatabaseKind): Table => ({
  fields: Object.fromEntries(
    COLLATED[kind].flatMap((type, i) =>
      [{}, { nullable: true }, { unique: true }, { index: true }, { dbDefault: "it's" }].map((options, k) => [
        `c${i}_${k}`,
        looseField.string?.({ max: 20, sql: type, ...options }),
      ]),
    ),
  ),
})

const vectors = (): Table => ({
  fields: Object.fromEntries(
    [1, 3, 384].flatMap((size) =>
      [{}, { nullable: true }].map((options, i) => [`v${size}_${i}`, looseField.vector?.(size, options)]),
    ),
  ),
})

const modelOf = (name: string, { fields, checks = {} }: Table): any =>
  class Made extends looseModel(fields, { table: name, checks }) {}

const stateOf = (models: readonly any[]): SchemaState => stateOfModels(models.map((model) => metadataOf(model)))

describeDatabases('the catalog of constraints', (database) => {
  afterEach(() => dropAll(database.db))

  const differences = async (state: SchemaState) =>
    (await driftOf(database.db, state, { ignore: [], own: [] })).differences.map(describeDifference)

  function isTaken(db: Database, table: Table): boolean {
    try {
      db.toSQLCreateTables([Target, modelOf('tried', table)])
      return true
    } catch (error) {
      if (!(error instanceof DefinitionError || error instanceof UnsupportedError)) throw error
      return false
    }
  }

  /** Created at once, by operations from empty tables, and back. */
  async function roundTrip(tables: readonly Table[], left: readonly string[] = []): Promise<void> {
    const { db } = database
    const models = [Target, ...tables.map((table, i) => modelOf(`made_${i}`, table))]
    const wanted = stateOf(models)
    await db.createTables(models)
    expect(await differences(wanted)).toEqual([])
    await db.dropTables(models)
    const empty = stateOf([Target, ...tables.map((_, i) => modelOf(`made_${i}`, { fields: {} }))])
    let state = await runOperations(db, diffStates(EMPTY, empty, HARD), EMPTY)
    state = await runOperations(db, diffStates(state, wanted, HARD), state)
    expect(await differences(wanted)).toEqual([])
    expect(diffStates(state, wanted, HARD)).toEqual([])
    state = await runOperations(db, diffStates(state, empty, HARD), state)
    expect(await differences(empty)).toEqual(left)
    await runOperations(db, diffStates(state, EMPTY, HARD), state)
  }

  it('reads foreign keys with every action', { timeout: 240_000 }, async () => {
    const taken = keys.filter(([name, make]) => isTaken(database.db, { fields: { [name]: make() } }))
    expect(taken.length).toBeGreaterThan(10)
    const tables: Table[] = []
    for (let i = 0; i < taken.length; i += COLUMNS)
      tables.push({ fields: Object.fromEntries(taken.slice(i, i + COLUMNS).map(([name, make]) => [name, make()])) })
    await roundTrip(tables)
  })

  it('reads checks in every form', { timeout: 120_000 }, () => roundTrip([checked()]))

  it('reads collations', { timeout: 120_000 }, () =>
    roundTrip(
      [collated(database.kind)],
      // SQLite's strict tables have no such types, and a table stays what it was when the column goes
      database.kind === 'sqlite' ? ['option of made_0: it is , expected strict'] : [],
    ),
  )

  it('reads vectors', { timeout: 120_000 }, async ({ skip }) => {
    if (!(await storesVectors(database))) skip()
    await roundTrip([vectors()])
  })
})
