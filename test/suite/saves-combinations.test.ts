import { Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// what a save sends depends on the fields that changed: models at the limit of the quick way, and above it

// what the types of generated fields can't say
type Loose = any

const fields = (count: number): Loose =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}`, Field.integer({ nullable: i % 2 === 1, max: 1_000_000 })]),
  )

class Narrow extends Model(fields(30), { table: 'combined_narrow' }) {}
class Wide extends Model(fields(40), { table: 'combined_wide' }) {}
class Mixed extends Model(
  {
    title: Field.string({ max: 20, nullable: true }),
    score: Field.float({ nullable: true }),
    at: Field.dateTime({ nullable: true }),
    data: Field.json({ nullable: true }),
    price: Field.decimal({ precision: 10, scale: 2, nullable: true }),
    big: Field.bigInteger({ nullable: true }),
    on: Field.boolean({ nullable: true }),
    bytes: Field.binary({ nullable: true }),
  },
  { table: 'combined_mixed' },
) {}

/** Numbers from a seed, so that a failure can be repeated. */
function randoms(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describeDatabases('saves of any fields', (database) => {
  database.useTables([Narrow, Wide, Mixed])

  it.each([
    ['31 columns', Narrow, 30],
    ['41 columns', Wide, 40],
  ])('send each field alone, and others with it, of %s', async (_, model: Loose, count) => {
    const random = randoms(count)
    const instance = await model.create(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i])))
    for (let i = 0; i < count + 30; i++) {
      const changed = i < count ? [i] : Array.from({ length: 1 + random(5) }, () => random(count))
      for (const field of changed) instance[`f${field}`] = 1000 + i
      expect(Object.keys(instance.getChanges()).sort()).toEqual([...new Set(changed.map((f) => `f${f}`))].sort())
      await instance.save()
      expect(instance.isDirty()).toBe(false)
    }
    expect((await model.findOrFail(instance.id)).toObject()).toEqual(instance.toObject())
  })

  const values: Record<string, readonly unknown[]> = {
    title: ['a', 'b "quoted"', '', 'ö😀'],
    score: [1.5, 0, -7, 1e20],
    at: [new Date(0), new Date(1_700_000_000_123)],
    data: [{ a: [1, '"'] }, [], 'text', { a: [1, '","'] }, { b: { c: null } }],
    price: ['1.50', '-12.00'],
    big: [1n, 2n ** 60n],
    on: [true, false],
    bytes: [new Uint8Array([1, 2]), new Uint8Array([3])],
  }

  it('send values of every kind, and null, and find changes in place', async () => {
    const random = randoms(7)
    const instance: Loose = await Mixed.create({})
    for (let i = 0; i < 60; i++) {
      for (const name of Object.keys(values)) {
        if (random(3) === 0) instance[name] = structuredClone(values[name]?.[random(5)] ?? null)
      }
      if (random(2) === 0 && instance.at !== null) instance.at.setTime(i * 1000)
      if (random(2) === 0 && Array.isArray(instance.data)) instance.data.push(i)
      if (random(2) === 0 && instance.bytes !== null) instance.bytes[0] = i
      await instance.save()
      expect(instance.isDirty()).toBe(false)
      expect((await Mixed.findOrFail(instance.id)).toJSON()).toEqual(instance.toJSON())
    }
  })

  it('name all that is wrong, and keep the row and the originals', async () => {
    const instance: Loose = await Mixed.create({ title: 'a', score: 1 })
    Object.assign(instance, { title: 'x'.repeat(21), score: Number.NaN, on: true })
    const error = await instance.save().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues.map(({ path }: { path: string }) => path)).toEqual(['title', 'score'])
    expect(instance.getChanges()).toMatchObject({ title: ['a', 'x'.repeat(21)], on: [null, true] })
    expect((await Mixed.findOrFail(instance.id)).title).toBe('a')
    Object.assign(instance, { title: 'b', score: 2 })
    await instance.save()
    expect((await Mixed.findOrFail(instance.id)).toJSON()).toEqual(instance.toJSON())
  })
})
