import { Database, Field, Model, outsideTransaction, Relation, sql } from 'corm'
import { useTestDatabase } from 'corm/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databaseKinds, urlForNew } from '../support/databases.js'

class Shelf extends Model({ name: Field.string({ max: 50, unique: true }) }, { table: 'used_shelves' }) {
  static items = Relation.hasMany(() => Item)
  override async afterCommit() {
    committed.push(this.name)
  }
}
class Item extends Model(
  { name: Field.string({ max: 50 }), shelfId: Field.foreignKey(() => Shelf) },
  { table: 'used_items' },
) {
  static shelf = Relation.belongsTo(() => Shelf)
}

let committed: string[] = []
const names = () => Shelf.query().orderBy('name').pluck('name')

for (const kind of databaseKinds) {
  describe(`useTestDatabase on ${kind}`, () => {
    const used = useTestDatabase({
      url: urlForNew(kind, 'corm_used'),
      models: [Shelf, Item],
      async setup() {
        await Shelf.create({ name: 'of setup' })
      },
    })
    beforeAll(async () => {
      await Shelf.create({ name: 'of beforeAll' })
    })
    beforeEach(() => {
      committed = []
    })

    describe('each test', () => {
      it.each([1, 2])('sees what is there for all, and nothing of others (%s)', async () => {
        expect(await names()).toEqual(['of beforeAll', 'of setup'])
        await Shelf.create({ name: 'own' })
        await Shelf.transaction(async () => {
          await Item.create({ name: 'x', shelfId: (await Shelf.findBy({ name: 'own' }))!.id })
        })
        await Shelf.where('name', 'of setup').update({ name: 'changed' })
        expect(await names()).toEqual(['changed', 'of beforeAll', 'own'])
        expect(await Item.count()).toBe(1)
        expect(used.database).toBe(Database.get())
      })

      it('goes on after a statement that the database refused', async () => {
        await expect(Shelf.create({ name: 'of setup' })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
        await expect(used.database.select(sql`select * from no_such_table`)).rejects.toThrow()
        await Shelf.create({ name: 'later' })
        expect(await names()).toEqual(['later', 'of beforeAll', 'of setup'])
      })

      it('rolls back transactions of the application by themselves', async () => {
        const shelf = await Shelf.create({ name: 'a' })
        await expect(
          Shelf.transaction(async () => {
            await shelf.update({ name: 'b' })
            throw new Error('no')
          }),
        ).rejects.toThrow('no')
        expect(shelf.getChanges()).toEqual({ name: ['a', 'b'] })
        await Shelf.transaction(async (trx) => {
          await Shelf.create({ name: 'c' })
          await trx.transaction(async (nested) => {
            await Shelf.create({ name: 'd' })
            nested.rollback()
          })
        })
        expect(await names()).toEqual(['a', 'c', 'of beforeAll', 'of setup'])
      })
    })

    it('runs what follows a commit when the outermost transaction of the application ends', async () => {
      await Shelf.create({ name: 'alone' })
      expect(committed).toEqual(['alone'])
      await Shelf.transaction(async (trx) => {
        trx.afterCommit(() => committed.push('function'))
        await Shelf.transaction(async () => {
          await Shelf.create({ name: 'nested' })
        })
        expect(committed).toEqual(['alone'])
      })
      expect(committed).toEqual(['alone', 'function', 'nested'])
      await expect(
        Shelf.transaction(async () => {
          await Shelf.create({ name: 'undone' })
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect(committed).toEqual(['alone', 'function', 'nested'])
    })

    it('keeps rules that hold outside transactions', async () => {
      await expect(Shelf.query().lock('update').get()).rejects.toThrow('transaction')
      const results = await Promise.all([
        Shelf.transaction(async () => names()),
        Shelf.transaction(async () => names()),
        names(),
      ])
      expect(new Set(results.map(String)).size).toBe(1)
      expect(await Shelf.transaction(async () => names(), { isolation: 'serializable', retries: 2 })).toHaveLength(2)
    })

    it('has no outside: work that leaves a transaction joins it', async () => {
      await Shelf.transaction(async () => {
        await Shelf.create({ name: 'inner' })
        expect(await outsideTransaction(() => names())).toEqual(['inner', 'of beforeAll', 'of setup'])
      })
      expect(await outsideTransaction(() => names())).toHaveLength(3)
    })

    it('gives connection() the connection of the test', async () => {
      await Shelf.create({ name: 'seen' })
      await used.database.connection(() => undefined)
      expect(await names()).toEqual(['of beforeAll', 'of setup', 'seen'])
    })

    it('streams, pages and loads relations', async () => {
      const shelf = await Shelf.create({ name: 'full' })
      await shelf.related('items').createMany(Array.from({ length: 5 }, (_, i) => ({ name: `item ${i}` })))
      const found: string[] = []
      for await (const item of Item.query().with('shelf').orderBy('name').stream({ chunkSize: 2 }))
        found.push(item.name)
      expect(found).toHaveLength(5)
      const [row] = await Shelf.with('items').where('name', 'full')
      expect(row?.items).toHaveLength(5)
      expect((await Item.query().orderBy('name').paginate({ page: 1, size: 2 })).total).toBe(5)
    })

    it('is what the application gets when it connects, and stays open when it closes it', async () => {
      await Shelf.create({ name: 'kept' })
      const db = await Database.connect('sqlite:///never-made.db')
      expect(db).toBe(used.database)
      await db.close()
      expect(await names()).toContain('kept')
    })

    describe('work that a test leaves behind', () => {
      let left: Promise<unknown>
      it('is waited for, where it ends soon', async () => {
        left = Shelf.transaction(async () => {
          await new Promise((resolve) => setTimeout(resolve, 50))
          await Shelf.create({ name: 'late' })
        })
      })
      it('has left nothing', async () => {
        await left
        expect(await names()).toEqual(['of beforeAll', 'of setup'])
      })
    })
  })
}
