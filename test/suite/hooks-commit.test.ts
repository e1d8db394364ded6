import { type Committed, Database, Field, Model, SerializationError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Order extends Model(
  { code: Field.string({ max: 50 }), total: Field.integer({ default: 0 }), deletedAt: Field.softDelete() },
  { table: 'commit_orders' },
) {
  override async afterInsert() {
    if (this.code === 'double') await this.update({ total: 2 })
  }
  override async afterSave() {
    if (this.code === 'fails') throw new Error('no')
  }
  override async afterCommit({ action, previous }: Committed) {
    await new Promise((resolve) => setImmediate(resolve))
    log.push([this.code, action, previous])
    await after(this)
  }
}

let log: unknown[] = []
let after: (order: Order) => unknown = () => {}

describeDatabases('afterCommit', (database) => {
  database.useTables([Order])

  beforeEach(() => {
    log = []
    after = () => {}
  })

  const logOf = async (work: () => Promise<unknown>) => {
    log = []
    await work()
    return log
  }

  it('runs before a write outside transactions resolves, once for each instance', async () => {
    const order = new Order({ code: 'a' })
    expect(await logOf(() => order.save())).toEqual([['a', 'insert', {}]])
    expect(await logOf(() => order.save())).toEqual([])
    expect(await logOf(() => order.update({ code: 'b', total: 1 }))).toEqual([['b', 'update', { code: 'a', total: 0 }]])
    expect(await logOf(() => order.delete())).toEqual([['b', 'delete', {}]])
    expect(await logOf(() => order.restore())).toEqual([['b', 'restore', {}]])
    expect(await logOf(() => order.forceDelete())).toEqual([['b', 'delete', {}]])
    expect(await logOf(() => Order.create({ code: 'double' }))).toEqual([['double', 'insert', {}]])
    expect(await logOf(() => Order.createMany([{ code: 'x' }, { code: 'y' }]))).toEqual([
      ['x', 'insert', {}],
      ['y', 'insert', {}],
    ])
  })

  it('runs once after the outermost transaction, with what all of it has changed', async () => {
    const order = await Order.create({ code: 'a' })
    expect(
      await logOf(() =>
        Order.transaction(async () => {
          await order.update({ total: 1 })
          await Order.transaction(async () => {
            await order.update({ total: 2, code: 'b' })
          })
          await Order.create({ code: 'new' }).then((made) => made.update({ total: 5 }))
          await Order.create({ code: 'gone' }).then((made) => made.forceDelete())
          expect(log).toEqual([])
        }),
      ),
    ).toEqual([
      ['b', 'update', { total: 0, code: 'a' }],
      ['new', 'insert', {}],
    ])
    expect(
      await logOf(() =>
        Order.transaction(async () => {
          await order.update({ total: 9 })
          await order.delete()
        }),
      ),
    ).toEqual([['b', 'delete', { total: 2 }]])
  })

  it('is dropped by a rollback, to a savepoint or of all', async () => {
    const order = await Order.create({ code: 'a' })
    const failing = (work: () => Promise<unknown>) =>
      expect(
        Order.transaction(async () => {
          await work()
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
    expect(await logOf(() => failing(() => order.update({ total: 1 })))).toEqual([])
    await order.refresh()
    expect(
      await logOf(() =>
        Order.transaction(async () => {
          await order.update({ total: 1 })
          await failing(() => order.update({ code: 'lost' }))
          await failing(() => Order.create({ code: 'lost' }))
          await expect(Order.create({ code: 'fails' })).rejects.toThrow('no')
        }),
      ),
    ).toEqual([['lost', 'update', { total: 0 }]])
  })

  it('runs for the last attempt of a transaction that is repeated', async () => {
    let attempts = 0
    expect(
      await logOf(() =>
        Database.get().transaction(
          async () => {
            await Order.create({ code: `attempt ${++attempts}` })
            if (attempts < 3) throw new SerializationError('once more', {} as never)
          },
          { retries: 3 },
        ),
      ),
    ).toEqual([['attempt 3', 'insert', {}]])
  })

  it('may write the same instance again, and others', async () => {
    after = async (order) => {
      if (order.total < 3) await order.update({ total: order.total + 1 })
      else if (order.code === 'a') await Order.create({ code: 'other', total: 3 })
    }
    expect(await logOf(() => Order.create({ code: 'a' }))).toEqual([
      ['a', 'insert', {}],
      ['a', 'update', { total: 0 }],
      ['a', 'update', { total: 1 }],
      ['a', 'update', { total: 2 }],
      ['other', 'insert', {}],
    ])
    expect(await Order.query().orderBy('id').valuesList('code', 'total')).toEqual([
      ['a', 3],
      ['other', 3],
    ])
    after = async (order) => {
      if (order.total === 0) await Order.saveMany([order.fill({ total: 7 })])
    }
    await Order.createMany([{ code: 'm' }, { code: 'n' }])
    expect(await Order.where('total', 7).count()).toBe(2)
  })

  it('reports an error as a warning, as the write is stored', async () => {
    const warnings: unknown[] = []
    const listener = (warning: Error) => void warnings.push([warning.name, warning.message])
    process.on('warning', listener)
    after = () => {
      throw new Error('mail server is down')
    }
    await Order.create({ code: 'a' })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listener)
    expect(warnings).toEqual([['Error', 'mail server is down']])
    expect(await Order.count()).toBe(1)
  })
})
