import { Database, Field, Model, SerializationError, sql, TransactionError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Counter extends Model({ count: Field.integer({ default: 0 }) }) {}

describeDatabases('serialization failures that end a transaction', (database) => {
  database.useTables([Counter])

  it('refuse what comes after them, and run again with retries', async () => {
    if (!database.capabilities.serializationEnds) return expect(database.capabilities.staleReads).toBe(false)
    const { id } = await Counter.create({})
    await using other = await Database.connect({ name: 'snapshots', url: database.url, pool: { min: 1, max: 1 } })
    // since 11.6 that is the default
    const withSnapshots = () => other.execute(sql`set session innodb_snapshot_isolation = on`)
    const rows = () => Counter.query().using(other).where('id', id)
    const meet = async () => {
      await withSnapshots()
      await rows().sole()
      await Counter.where('id', id).increment('count')
      return rows().increment('count', 10)
    }
    const isKnown = await withSnapshots().then(
      () => true,
      (error: Error) => !error.message.includes('Unknown system variable'),
    )
    if (!isKnown) return
    const caught: unknown[] = []
    const work = async () => {
      await meet().catch((error: unknown) => caught.push(error))
      // at the server there is no transaction any more
      await rows()
        .update({ count: 99 })
        .catch((error: unknown) => caught.push(error))
    }
    await expect(other.transaction(work)).rejects.toBeInstanceOf(TransactionError)
    expect(caught[0]).toBeInstanceOf(SerializationError)
    expect(caught[1]).toBeInstanceOf(TransactionError)
    expect(await Counter.query().pluck('count')).toEqual([1])
    let runs = 0
    await other.transaction(async () => (++runs === 1 ? meet() : rows().increment('count', 10)), { retries: 2 })
    expect([runs, await Counter.query().pluck('count')]).toEqual([2, [12]])
  })
})
