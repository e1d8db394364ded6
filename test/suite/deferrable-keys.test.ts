import { Field, ForeignKeyViolationError, Model, Relation, UnsupportedError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Team extends Model(
  { id: Field.integer({ primaryKey: true }), leadId: Field.foreignKey(() => Member, { deferrable: true }) },
  { table: 'deferred_teams' },
) {
  static lead = Relation.belongsTo(() => Member)
}
class Member extends Model(
  {
    id: Field.integer({ primaryKey: true }),
    teamId: Field.foreignKey(() => Team, { deferrable: true, onDelete: 'cascade' }),
  },
  { table: 'deferred_members' },
) {}

describeDatabases('deferrable foreign keys', (database) => {
  it('are checked when the transaction commits', async ({ skip }) => {
    const { db, capabilities } = database
    if (!capabilities.deferrableKeys) skip()
    await db.createTables([Team, Member])
    await db.transaction(async () => {
      const team = await Team.create({ id: 1, leadId: 1 }, { guarded: true })
      await Member.create({ id: 1, teamId: team.id }, { guarded: true })
    })
    expect(await Team.query().where('lead.teamId', 1).count()).toBe(1)
    const broken = db.transaction(() => Team.create({ id: 2, leadId: 9 }, { guarded: true }))
    await expect(broken).rejects.toBeInstanceOf(ForeignKeyViolationError)
    expect(await Team.count()).toBe(1)
    await expect(Team.create({ id: 3, leadId: 9 }, { guarded: true })).rejects.toBeInstanceOf(ForeignKeyViolationError)
    await db.transaction(async () => {
      await Team.query().whereKey(1).update({ leadId: 5 })
      await Member.create({ id: 5, teamId: 1 }, { guarded: true })
    })
    await db.transaction(async () => {
      await Member.query().whereKey(5).forceDelete()
      await Member.create({ id: 5, teamId: 1 }, { guarded: true })
    })
    expect(await Member.count()).toBe(2)
    await db.dropTables([Team, Member])
  })

  it('are an error where a database has none', async ({ skip }) => {
    if (database.capabilities.deferrableKeys) skip()
    await expect(database.db.createTables([Team, Member])).rejects.toBeInstanceOf(UnsupportedError)
    await expect(database.db.createTables([Team, Member])).rejects.toThrow('The deferrable foreign key')
  })
})
