import { Field, Model, sql } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { metadataOf } from '../../src/metadata/metadata.js'
import { describeDifference, driftOf } from '../../src/migration/drift.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeDatabases } from '../support/databases.js'

class Cellar extends Model({ name: Field.string({ max: 40 }) }, { table: 'cellars' }) {}
class OldBottle extends Model({ label: Field.string({ max: 40 }), year: Field.integer() }, { table: 'bottles' }) {}
class Jug extends Model(
  {
    label: Field.string({ max: 40 }),
    year: Field.integer(),
    cellarId: Field.foreignKey(() => Cellar, { nullable: true }),
  },
  { table: 'bottles' },
) {}
class Bottle extends Model(
  {
    label: Field.string({ max: 40 }),
    year: Field.integer({ index: true }),
    size: Field.integer({ dbDefault: 75 }),
    note: Field.text({ nullable: true }),
  },
  { table: 'bottles' },
) {}

describeDatabases('syncTables', (database) => {
  afterEach(() => database.db.dropTables([Jug, Cellar]))

  it('adds what is missing, keeps the rows, and does nothing the second time', async () => {
    const { db } = database
    await db.createTables([OldBottle])
    await OldBottle.create({ label: 'a', year: 1990 })
    await db.syncTables([Cellar, Bottle])
    const { differences } = await driftOf(db, stateOfModels([Cellar, Bottle].map(metadataOf)), { ignore: [], own: [] })
    expect(differences.map(describeDifference)).toEqual([])
    const [row] = await Bottle.all()
    expect(row).toMatchObject({ label: 'a', year: 1990, size: 75, note: null })
    const sent: string[] = []
    const off = db.on('query', ({ sql: text }) => sent.push(text))
    await db.syncTables([Cellar, Bottle])
    off()
    expect(sent.filter((text) => /^(?:alter|create (?!temporary))/.test(text))).toEqual(
      // PostgreSQL is asked how it would write the indexes of temporary tables
      database.kind === 'postgres' || database.kind === 'pglite'
        ? sent.filter((text) => /^create index/.test(text))
        : [],
    )
  })

  it('adds a foreign key with its column, and to a column where the database can', async () => {
    const { db } = database
    const wrong = () => db.execute(sql`insert into bottles (label, year, cellar_id) values ('c', 1, 99)`)
    await db.createTables([OldBottle])
    await db.syncTables([Cellar, Jug])
    await expect(wrong()).rejects.toThrow()
    await db.dropTables([Jug, Cellar])
    await db.createTables([OldBottle])
    await db.execute(sql`alter table bottles add column cellar_id integer`)
    const added = db.syncTables([Cellar, Jug])
    if (!database.capabilities.addForeignKey) {
      await expect(added).rejects.toThrow(
        /^syncTables\(\) can't .*: this database would have to create the table again\. Write a migration\.$/,
      )
      return
    }
    await added
    await expect(wrong()).rejects.toThrow()
  })

  it('drops and changes nothing', async () => {
    const { db } = database
    await db.createTables([Cellar, Bottle])
    await db.execute(sql`insert into bottles (label, year) values ('b', 2000)`)
    await db.execute(sql`alter table bottles add column extra integer`)
    await db.syncTables([OldBottle])
    expect(await db.select(sql`select label, size, extra from bottles`)).toEqual([
      { label: 'b', size: 75, extra: null },
    ])
  })
})
