import { randomBytes } from 'node:crypto'
import { Database, Field, Model, UniqueViolationError } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const [one, two] = [randomBytes(32), randomBytes(32)]

class Reading extends Model(
  { value: Field.encrypted(Field.float({ nullable: true }), { index: 'unique' }) },
  { table: 'enc_readings' },
) {}

describeDatabases('encrypted numbers', (database) => {
  database.useTables([Reading])
  beforeEach(() => Database.configure({ encryption: { current: 1, keys: { 1: one } } }))
  afterEach(() => Database.configure({ encryption: undefined }))

  it('are found as databases find numbers: 0 equals -0', async () => {
    const { id } = await Reading.create({ value: -0 })
    expect(await Reading.where('value', 0).count()).toBe(1)
    expect(await Reading.where('value', -0).count()).toBe(1)
    await expect(Reading.create({ value: 0 })).rejects.toThrow(UniqueViolationError)

    Database.configure({ encryption: { current: 2, keys: { 1: one, 2: two } } })
    expect(await Reading.reencrypt()).toBe(1)
    expect(await Reading.where('value', 0).count()).toBe(1)
    expect((await Reading.find(id))?.value).toBe(-0)
  })
})
