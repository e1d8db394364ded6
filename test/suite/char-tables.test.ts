import { Field, Relation, sql } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

// Tables of other programs, whose CHAR(n) some databases fill up with blanks.

class Port extends looseModel(
  { code: Field.char(6, { primaryKey: true }), name: Field.string() },
  { table: 'char_ports' },
) {
  static ships = Relation.hasMany(() => Ship, { foreignKey: 'port' } as never)
  static boats = Relation.hasMany(() => Boat, { foreignKey: 'port' } as never)
}
class Ship extends looseModel(
  { id: Field.integer({ primaryKey: true }), port: Field.char(6, { nullable: true }) },
  { table: 'char_ships' },
) {
  static home = Relation.belongsTo(() => Port, { foreignKey: 'port' } as never)
}
class Boat extends looseModel(
  { id: Field.integer({ primaryKey: true }), port: Field.string({ max: 10, nullable: true }) },
  { table: 'char_boats' },
) {
  static home = Relation.belongsTo(() => Port, { foreignKey: 'port' } as never)
}

describeDatabases('columns of type char that other programs made', (database) => {
  beforeEach(async () => {
    for (const text of [
      sql`create table char_ports (code char(6) not null primary key, name varchar(20) not null)`,
      sql`create table char_ships (id integer not null primary key, port char(6))`,
      sql`create table char_boats (id integer not null primary key, port varchar(10))`,
      sql`insert into char_ports (code, name) values ('ab', 'A'), ('xy', 'B'), ('abcdef', 'C')`,
      sql`insert into char_ships (id, port) values (1, 'ab'), (2, 'abcdef'), (3, null)`,
      sql`insert into char_boats (id, port) values (1, 'ab'), (2, 'abcdef'), (3, 'none')`,
    ])
      await database.db.execute(text)
  })
  afterEach(async () => {
    for (const text of [sql`drop table char_boats`, sql`drop table char_ships`, sql`drop table char_ports`])
      await database.db.execute(text)
  })

  it('are read without the blanks that fill them up', async () => {
    expect(await Port.query().orderBy('name').pluck('code')).toEqual(['ab', 'xy', 'abcdef'])
    expect(await database.db.select(sql`select port from char_ships where id = 1`)).toEqual([{ port: 'ab' }])
    const port = await Port.find('ab')
    expect([port.code, port.isDirty()]).toEqual(['ab', false])
    expect((await Port.findMany(['abcdef', 'ab'])).map(({ name }: any) => name)).toEqual(['C', 'A'])
  })

  it('lead to their rows, and are written as they are', async () => {
    const ports = await Port.with('ships', 'boats').orderBy('name')
    const ids = (rows: any[]) => rows.map(({ id }) => id)
    expect(ports.map((port: any) => [ids(port.ships), ids(port.boats)])).toEqual([
      [[1], [1]],
      [[], []],
      [[2], [2]],
    ])
    const ships = await Ship.with('home').orderBy('id')
    expect(ships.map((ship: any) => ship.home?.name ?? null)).toEqual(['A', 'C', null])
    const boats = await Boat.with('home').orderBy('id')
    expect(boats.map((boat: any) => boat.home?.name ?? null)).toEqual(['A', 'C', null])

    const port = await Port.find('ab')
    await port.update({ name: 'changed' })
    expect(await port.related('ships').attach(3)).toBe(1)
    expect(await port.related('ships').sync([1])).toEqual({ attached: 0, detached: 1, updated: 0 })
    expect(await Port.query().where('ships.id', 1).pluck('name')).toEqual(['changed'])
    expect(await Port.upsertMany([{ code: 'ab', name: 'again' }], { conflict: 'code' })).toEqual({
      inserted: 0,
      updated: 1,
      skipped: 0,
    })
    expect((await Port.find('ab')).name).toBe('again')
  })
})
