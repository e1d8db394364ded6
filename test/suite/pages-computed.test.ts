import { type AnyQuery, caseWhen, Database, Field, fn, Model, Relation, sql, UsageError, ValidationError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shop extends Model({ name: Field.string({ nullable: true }) }, { table: 'page_shops' }) {}
class Tag extends Model({ name: Field.string() }, { table: 'page_tags' }) {}
class Sale extends Model(
  {
    item: Field.string(),
    price: Field.decimal({ precision: 8, scale: 2, nullable: true }),
    rating: Field.float({ nullable: true }),
    at: Field.dateTime({ precision: 6 }),
    state: Field.enum(['new', 'paid', 'sent']),
    shopId: Field.foreignKey(() => Shop, { nullable: true }),
  },
  { table: 'page_sales' },
) {
  static shop = Relation.belongsTo(() => Shop)
  static tags = Relation.manyToMany(() => Tag, { through: 'page_sale_tags' })
}

describeDatabases('cursors in computed orders', (database) => {
  database.useTables([Shop, Tag, Sale])
  beforeEach(async () => {
    const shops = await Shop.createMany([{ name: 'b' }, { name: 'a' }, { name: null }])
    const tags = await Tag.createMany([{ name: 'x' }, { name: 'y' }])
    const states = ['new', 'paid', 'sent'] as const
    const sales = await Sale.createMany(
      Array.from({ length: 13 }, (_, i) => ({
        item: 'aBcAbC'[i % 6] as string,
        price: i % 5 === 0 ? null : ((i * 7) % 4) + 0.25,
        rating: i % 4 === 0 ? null : i / 3,
        at: new Date(1.7e12 + (i % 3)),
        state: states[i % 3] as 'new',
        shopId: i % 4 === 3 ? null : (shops[i % 4]?.id ?? null),
      })),
    )
    for (const [i, sale] of sales.entries()) await sale.related('tags').attach(tags.slice(0, i % 3))
  })

  /** Walks forwards and back, and compares both ways with the whole. */
  async function check(query: AnyQuery<typeof Sale>) {
    const all = (await query.orderBy('id')).map(({ id }) => id)
    for (const size of [1, 4]) {
      const ids: number[] = []
      let after: string | null = null
      let last: string | null = null
      do {
        const page = await query.cursorPaginate({ after, size })
        expect(page.items.every((row) => Object.keys(row).every((name) => !name.startsWith('corm_')))).toBe(true)
        ids.push(...page.items.map(({ id }) => id))
        after = page.nextCursor
        last = page.previousCursor
      } while (after !== null)
      expect(ids).toEqual(all)
      const back: number[] = []
      for (let before = last; before !== null; ) {
        const page = await query.cursorPaginate({ before, size })
        back.unshift(...page.items.map(({ id }) => id))
        before = page.previousCursor
      }
      expect(back).toEqual(all.slice(0, back.length))
      expect(back.length).toBeGreaterThan(all.length - 1 - size)
    }
    const streamed: number[] = []
    for await (const row of query.stream({ chunkSize: 3 })) streamed.push(row.id)
    expect(streamed).toEqual(all)
  }

  it('go on from expressions', async () => {
    await check(Sale.query().orderBy((c) => c.item.lower().desc()))
    await check(Sale.query().orderBy((c) => caseWhen(c.state.eq('paid'), 0).when(c.state.eq('new'), 1).else(2)))
    await check(Sale.query().orderBy((c) => caseWhen(c.state.eq('sent'), 0).when(c.state.eq('paid'), 1).else(2)))
    await check(Sale.query().orderBy((c) => c.price.times(1.5).desc(), 'item'))
    await check(Sale.query().orderBy((c) => c.price.plus(1).asc({ nulls: 'first' })))
    await check(Sale.query().orderBy((c) => c.rating.round(1).desc({ nulls: 'last' })))
    await check(
      Sale.query().orderBy(
        (c) => c.at.truncate('second'),
        (c) => c.price.isNull(),
        '-item',
      ),
    )
    await check(Sale.query().orderBy((c) => c.at.add({ days: 1 })))
    await check(Sale.query().orderBy((c) => c.state.eq('paid').or(c.price.gt(2)), 'item'))
  })

  it('go on from named values, aggregates, windows and related rows', async () => {
    await check(
      Sale.query()
        .annotate({ twice: (c) => c.price.times(2) })
        .orderBy('-twice'),
    )
    await check(Sale.query().withCount('tags').orderBy('-tagsCount').where('tagsCount', '<', 2))
    await check(Sale.query().orderBy((c) => fn.max(c.tags.name)))
    await check(
      Sale.query()
        .annotate({ place: (c) => fn.rank().over({ orderBy: c.item }) })
        .orderBy('-place'),
    )
    await check(Sale.query().orderBy('shop.name', '-item'))
    await check(
      Sale.query()
        .orderBy((c) => c.shop.name.desc({ nulls: 'last' }))
        .with('shop'),
    )
    await check(Sale.query().orderBy((c) => Shop.where((s) => s.id.eq(c.shopId)).select('name')))
    await check(
      Sale.query()
        .select('item')
        .orderBy((c) => c.price.coalesce(0)),
    )
    await check(
      Sale.query()
        .join(Shop, (c, t) => c.shopId.eq(t.id), { alias: 's' })
        .orderBy((_, t) => t.s.name),
    )
    await check(
      Sale.query()
        .where('state', 'new')
        .union(Sale.query().where('state', 'paid'))
        .orderBy((c) => c.item.upper()),
    )
  })

  it('belong to their order', async () => {
    const byState = (state: 'new' | 'paid') => Sale.query().orderBy((c) => caseWhen(c.state.eq(state), 0).else(1))
    const { nextCursor } = await byState('new').cursorPaginate({ size: 2 })
    expect(await byState('new').cursorPaginate({ after: nextCursor, size: 2 })).toMatchObject({ hasPrevious: true })
    await expect(byState('paid').cursorPaginate({ after: nextCursor })).rejects.toBeInstanceOf(ValidationError)
    await expect(Sale.query().cursorPaginate({ after: nextCursor })).rejects.toBeInstanceOf(ValidationError)
  })

  it('are refused in orders that are none', async () => {
    await expect(Sale.query().random().cursorPaginate()).rejects.toThrow('random order')
    await expect(Sale.query().orderByRaw(sql`length(item)`).cursorPaginate()).rejects.toBeInstanceOf(UsageError)
    await expect(Sale.query().orderBy(sql`length(item)`).cursorPaginate()).rejects.toThrow('no known type')
    const distinct = Sale.query()
      .distinct()
      .orderBy((c) => c.item.lower())
    await expect(distinct.cursorPaginate()).rejects.toThrow('by fields only')
    expect(Database).toBeDefined()
  })
})
