import { Field, Model } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'

class Adrift extends Model({ name: Field.string() }, { database: 'not connected' }) {
  override async beforeSave() {
    await Promise.resolve()
  }
}

const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(() => void process.off('unhandledRejection', note))

it('a write without a database fails once, where it is awaited', async () => {
  const message = 'No database named "not connected" is connected.'
  await expect(Adrift.create({ name: 'a' })).rejects.toThrow(message)
  await expect(new Adrift({ name: 'b' }).save()).rejects.toThrow(message)
  await expect(Adrift.createMany([{ name: 'c' }, { name: 'd' }])).rejects.toThrow(message)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(unhandled).toEqual([])
})
