import { Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Leaf extends Model({
  number: Field.integer({ unique: true }),
  text: Field.text({ nullable: true }),
  raw: Field.binary({ nullable: true }),
  changed: Field.dateTime({ autoNow: true }),
}) {
  static marks = Relation.manyToMany(() => Mark, { pivot: { note: Field.string({ nullable: true }) } })
}

class Mark extends Model({ name: Field.string() }) {}

describeDatabases('the statements of many rows', (database) => {
  database.useTables([Leaf, Mark])

  const inserts = async (work: () => Promise<unknown>) => {
    const { events } = await recordQueries(work)
    return events.filter(({ sql }) => sql.startsWith('insert')).length
  }
  const leaves = (count: number, text = 'a') => Array.from({ length: count }, (_, number) => ({ number, text }))

  it.each([2, 3, 31, 51, 999, 1001, 2500])('%i rows are one INSERT', async (count) => {
    expect(await inserts(() => Leaf.insertMany(leaves(count)))).toBe(1)
    expect(await Leaf.count()).toBe(count)
    const made = await Leaf.createMany(leaves(count).map((row) => ({ ...row, number: row.number + 5000 })))
    const found = await Leaf.findMany(made.map(({ id }) => id))
    expect(found.map(({ number }) => number)).toEqual(made.map(({ number }) => number))
  })

  it('what is more than a statement can have is cut', async () => {
    const count = 40_000
    expect(await Leaf.insertMany(leaves(count))).toBe(count)
    expect(await Leaf.count()).toBe(count)
    const text = 'é'.repeat(200_000)
    await Leaf.insertMany(
      Array.from({ length: 40 }, (_, i) => ({ number: count + i, text, raw: new Uint8Array(300_000) })),
    )
    expect(await Leaf.where('number', '>=', count).pluck('text')).toEqual(Array(40).fill(text))
  }, 60_000)

  it('batchSize is the most rows of one', async () => {
    expect(await inserts(() => Leaf.insertMany(leaves(20), { batchSize: 7 }))).toBe(
      database.capabilities.bulkInsert === 'repeat' ? 1 : 3,
    )
  })

  it('links are one INSERT', async () => {
    const marks = await Mark.createMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    const [one, two] = await Leaf.createMany(leaves(2))
    if (one === undefined || two === undefined) throw new Error('none')
    const pairs = marks.map((mark) => [one.id, mark.id])
    expect(await inserts(() => (Leaf as any).attachMany('marks', pairs))).toBe(1)
    expect(await inserts(() => (two as any).related('marks').attach(marks))).toBe(1)
    expect(await (one as any).related('marks').count()).toBe(3)
    expect(await (two as any).related('marks').count()).toBe(3)
  })

  it('an upsert of some fields sets what follows every save', async () => {
    const early = new Date('2020-01-01T00:00:00Z')
    const changed = async () => (await Leaf.query().orderBy('number').pluck('changed')).map((at) => at > early)
    const reset = () => Leaf.all().update({ changed: early }, { guarded: true })
    await Leaf.createMany(leaves(2))
    await reset()
    await Leaf.upsertMany(leaves(1, 'b'), { conflict: 'number', update: ['text'] })
    expect(await changed()).toEqual([true, false])
    await reset()
    await Leaf.upsert({ number: 1, text: 'b' }, { conflict: 'number', update: ['text'] })
    expect(await changed()).toEqual([false, true])
    await reset()
    await Leaf.upsertMany(leaves(2, 'c'), { conflict: 'number', update: () => ({ text: 'd' }) })
    expect(await changed()).toEqual([true, true])
    await reset()
    await Leaf.upsertMany(leaves(2, 'e'), { conflict: 'number', update: false })
    await Leaf.upsertMany([{ number: 1, text: 'f', changed: early }], {
      conflict: 'number',
      update: ['changed'],
      guarded: true,
    })
    expect(await changed()).toEqual([false, false])
    expect(await Leaf.query().orderBy('number').pluck('text')).toEqual(['d', 'd'])
  })
})
