import { Field, Model, Relation } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Tag extends Model({
  name: Field.string({ unique: true }),
  uses: Field.integer({ default: 0 }),
  note: Field.string({ nullable: true }),
  changed: Field.dateTime({ autoNow: true }),
}) {}

class Coin extends Model({
  key: Field.uuid({ primaryKey: true, auto: true }),
  name: Field.string({ unique: true }),
  code: Field.string({ unique: true, nullable: true }),
  uses: Field.integer({ default: 0 }),
}) {}

class Page extends Model({ title: Field.string() }) {
  static tags = Relation.manyToMany(() => Tag, { pivot: { position: Field.integer({ default: 0 }) } })
}

const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

describeDatabases('the same row at once', (database) => {
  database.useTables([Tag, Coin, Page])

  const around: Record<string, <T>(work: () => Promise<T>) => Promise<T>> = {
    'outside transactions': (work) => work(),
    'in transactions': (work) => database.db.transaction(work),
    'in transactions that have read before': (work) =>
      database.db.transaction(async () => {
        await Tag.count()
        await Coin.count()
        return work()
      }),
    'in savepoints': (work) => database.db.transaction((trx) => trx.transaction(work)),
  }

  describe.each(Object.keys(around))('%s', (name) => {
    const inside = around[name] as <T>(work: () => Promise<T>) => Promise<T>

    it.each([5, 50])('firstOrCreate() of %i callers makes one row', async (count) => {
      for (const Model of [Tag, Coin] as any[]) {
        const made: [Tag, boolean][] = await times(count, (i) =>
          inside(() => Model.firstOrCreate({ name: 'a' }, { uses: i })),
        )
        expect(made.filter(([, created]) => created)).toHaveLength(1)
        const [only] = await Model.all()
        const winner = made.find(([, created]) => created)?.[0] as Tag
        expect(only.toJSON()).toEqual(winner.toJSON())
        for (const [tag] of made) expect([tag.name, tag.uses, tag.isDirty()]).toEqual(['a', only.uses, false])
        expect(await Model.count()).toBe(1)
      }
    })

    it.each([5, 20])('updateOrCreate() of %i callers makes one row, and all count', async (count) => {
      for (const Model of [Tag, Coin] as any[]) {
        const made: [Tag, boolean][] = await times(count, (i) =>
          inside(() => Model.updateOrCreate({ name: 'a' }, { uses: i + 1 })),
        )
        expect(made.filter(([, created]) => created)).toHaveLength(1)
        expect(made.map(([tag]) => tag.uses).sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i + 1),
        )
        expect(await Model.count()).toBe(1)
        expect((await Model.query().firstOrFail()).uses).toBeGreaterThan(0)
      }
    })

    it('upsert() of 20 callers', async () => {
      const tags = await times(20, (i) => inside(() => Tag.upsert({ name: 'a', uses: i }, { conflict: 'name' })))
      // outside a transaction another one may have written it before it is read
      if (name.startsWith('in '))
        expect(tags.map(({ uses }) => uses).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
      expect(await Tag.count()).toBe(1)
      await times(20, (i) =>
        inside(() => Tag.upsertMany([{ name: 'a', uses: i }, { name: 'b' }], { conflict: 'name' })),
      )
      expect(await Tag.count()).toBe(2)
    })

    it('attach(), sync() and toggle() of the same rows by 20 callers', async () => {
      const page = await Page.create({ title: 'p' })
      const tags = await Tag.createMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
      const own = async () => (await Page.findOrFail(page.id)) as any
      await times(20, async () => (await own()).related('tags').attach(tags))
      const linked = async () => (await own()).related('tags').orderBy('name').pluck('name')
      expect(await linked()).toEqual(['a', 'b', 'c'])
      await times(20, async (i) => (await own()).related('tags').sync([tags[i % 3]]))
      expect(await linked()).toHaveLength(1)
      await (await own()).related('tags').clear()
      await times(20, async () => inside(async () => (await own()).related('tags').toggle(tags[0])))
      expect(await linked()).toEqual([])
      await times(20, async () => inside(async () => (await own()).related('tags').attach(tags)))
      expect(await linked()).toEqual(['a', 'b', 'c'])
      await times(20, async (i) => inside(async () => (await own()).related('tags').sync([tags[i % 3]])))
      expect(await linked()).toHaveLength(1)
    })
  })

  it('a row that takes another unique value is still a violation', async () => {
    await Coin.create({ name: 'a', code: 'x' } as never)
    await database.db.transaction(async () => {
      await expect(Coin.firstOrCreate({ name: 'b' }, { code: 'x' } as never)).rejects.toMatchObject({
        name: 'UniqueViolationError',
      })
      expect(await Coin.count()).toBe(1)
    })
  })
})
