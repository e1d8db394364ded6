import { Field } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

/** A model of so many fields that the database fills in, each with its own number. */
function filled(count: number) {
  const fields = Array.from({ length: count }, (_, i) => [`f${i}`, Field.integer({ dbDefault: -i })])
  class Filled extends looseModel(
    { name: Field.string({ unique: true, max: 20 }), ...Object.fromEntries(fields) },
    { table: `filled_${count}` },
  ) {}
  return Filled
}

const COUNTS = [31, 32, 40, 70]

/** Fields that rows give, so that any two of them, 32 places apart or not, are told apart. */
const formsOf = (count: number) => [...Array.from({ length: count }, (_, i) => [i]), [0, 32 % count], [31 % count], []]

describeDatabases('inserts of models with many fields that the database fills in', (database) => {
  const models = new Map(COUNTS.map((count) => [count, filled(count)]))
  database.useTables([...models.values()])

  describe.each(COUNTS)('%i fields', (count) => {
    const Filled = models.get(count) as any
    const rows = formsOf(count).map((places, i) => ({
      name: `r${i}`,
      ...Object.fromEntries(places.map((place) => [`f${place}`, 1000 + place])),
    }))
    const expected = (row: Record<string, unknown>) => ({
      ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, -i || 0])),
      ...row,
    })
    const stored = async () => {
      const all = await Filled.query().get()
      return new Map(all.map(({ id, ...row }: any) => [row.name, row]))
    }
    const writes: Record<string, () => Promise<unknown>> = {
      create: async () => {
        for (const row of rows) expect(await Filled.create(row)).toMatchObject(expected(row))
      },
      createMany: async () => {
        const made = await Filled.createMany(rows)
        for (const [i, row] of rows.entries()) expect(made[i]).toMatchObject(expected(row))
      },
      insertMany: () => Filled.insertMany(rows),
      upsertMany: () => Filled.upsertMany(rows, { conflict: 'name' }),
      upsert: async () => {
        for (const row of rows) expect(await Filled.upsert(row, { conflict: 'name' })).toMatchObject(expected(row))
      },
      saveMany: () => Filled.saveMany(rows.map((row) => new Filled(row))),
    }
    it.each(Object.keys(writes))('%s stores each value in its own column', async (name) => {
      await writes[name]?.()
      const found = await stored()
      expect(found.size).toBe(rows.length)
      for (const row of rows) expect(found.get(row.name)).toEqual(expected(row))
    })
  })
})
