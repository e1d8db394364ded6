import { Database, Field, Model } from 'corm'
import { useTestDatabase } from 'corm/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseKinds, urlForNew } from '../support/databases.js'

class Crate extends Model({ name: Field.string({ max: 50 }) }, { table: 'used_crates' }) {}

describe.each(databaseKinds)('the N+1 detection in a test database on %s', (kind) => {
  useTestDatabase({ url: urlForNew(kind, 'corm_used_n1'), models: [Crate] })
  beforeAll(() => Database.configure({ detectNPlusOne: 'throw' }))
  afterAll(() => Database.configure({ detectNPlusOne: false }))

  const named = (name: string) => Crate.where('name', name).first()

  it.each([1, 2, 3, 4])('counts each test by itself (%s)', async () => {
    for (const name of ['a', 'b', 'c']) expect(await named(name)).toBeNull()
  })

  it('counts the reads of a test', async () => {
    const loop = async () => {
      for (let i = 0; i < 8; i++) await named(String(i))
    }
    await expect(loop()).rejects.toMatchObject({ code: 'N_PLUS_ONE' })
  })
})
