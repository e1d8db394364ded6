import { randomBytes } from 'node:crypto'
import { Database, Field, Model, UsageError } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const key = randomBytes(32)

class Badge extends Model(
  {
    name: Field.string({ unique: true }),
    code: Field.encrypted(Field.string({ readonly: true }), { index: true }),
    pin: Field.encrypted(Field.string({ nullable: true }), { index: true }),
  },
  { table: 'enc_badges' },
) {}

// the column of an index is a field that the types don't name
const upsert = (row: object, options: object = {}) =>
  Badge.upsertMany([row] as never, { conflict: ['name'], ...options } as never)

describeDatabases('the indexes of encrypted fields', (database) => {
  database.useTables([Badge])
  beforeEach(() => Database.configure({ encryption: { current: 1, keys: { 1: key } } }))
  afterEach(() => Database.configure({ encryption: undefined }))

  it('of a readonly field stay as they are in an upsert, as its value does', async () => {
    await Badge.create({ name: 'a', code: 'one', pin: '1' })
    await upsert({ name: 'a', code: 'two', pin: '2' })
    const badge = await Badge.where('code', 'one').sole()
    expect([badge.code, badge.pin]).toEqual(['one', '2'])
    expect(await Badge.where('code', 'two').count()).toBe(0)
    expect(await Badge.where('pin', '2').count()).toBe(1)
  })

  it('are written by corm only', async () => {
    const badge = await Badge.create({ name: 'a', code: 'one', pin: '1' })
    const data = { pinIndex: 'x' } as never
    const ways: (() => unknown)[] = [
      () => badge.update(data, { guarded: true }),
      () => Object.assign(badge, { pinIndex: 'x' }).save(),
      () => Badge.where('name', 'a').update(data, { guarded: true }),
      () => upsert({ name: 'a', code: 'one', pin: '2' }, { update: ['pinIndex'], guarded: true }),
    ]
    for (const way of ways) {
      const failing = async () => way()
      await expect(failing()).rejects.toThrow(UsageError)
      await expect(failing()).rejects.toThrow(
        '"Badge.pinIndex" is the index by which "Badge.pin" is found. corm writes both. Set "Badge.pin" instead.',
      )
    }
    expect(await Badge.where('pin', '1').count()).toBe(1)
  })
})
