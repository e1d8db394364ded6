import { Field, Model, sql, UnsupportedError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { storesVectors } from '../support/vectors.js'

class Alone extends Model({ at: Field.vector(3) }) {}

describeDatabases('a database without vectors', (database) => {
  it('says so, and what to do', async (context) => {
    if (await storesVectors(database)) context.skip()
    const { db, capabilities } = database
    if (capabilities.vectors === null) {
      await expect(db.createTables([Alone])).rejects.toThrow(UnsupportedError)
      await expect(db.createTables([Alone])).rejects.toThrow('MariaDB has vectors since 11.7, MySQL since 9.0')
      await expect(Alone.query().nearest('at', [1, 2, 3])).rejects.toThrow(UnsupportedError)
      await expect(Alone.create({ at: [1, 2, 3] })).rejects.toThrow(UnsupportedError)
    } else {
      await expect(db.createTables([Alone])).rejects.toThrow(/extension "vector".*create extension vector/s)
      expect(await db.select(sql`select tablename from pg_tables where tablename = 'alones'`)).toEqual([])
    }
  })
})
