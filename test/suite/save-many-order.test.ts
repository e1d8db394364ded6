import { Field, ForeignKeyViolationError, Model, UniqueViolationError } from 'corm'
import { expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

const nullable = true
class Node extends Model(
  {
    name: Field.string({ max: 20, unique: true }),
    parentId: Field.foreignKey(() => Node, { nullable, onDelete: 'cascade' }),
  },
  { table: 'order_nodes' },
) {}
class Leaf extends Model(
  {
    code: Field.uuid({ primaryKey: true, auto: false }),
    name: Field.string({ max: 20, unique: true }),
    nextCode: Field.foreignKey(() => Leaf, { nullable, key: 'uuid', onDelete: 'cascade' }),
  },
  { table: 'order_leaves' },
) {}

const code = (n: number) => `0192f0c4-8a3b-4abc-8abc-00000000000${n}`

describeDatabases('saveMany', (database) => {
  database.useTables([Node, Leaf])

  it('gives a new row the unique value that another row gives up', async () => {
    const old = await Node.create({ name: 'first' })
    old.name = 'second'
    await Node.saveMany([new Node({ name: 'first' }), old])
    expect(await Node.query().orderBy('id').pluck('name')).toEqual(['second', 'first'])
  })
  it('points rows at new rows with keys of their own', async () => {
    const old = await Leaf.create({ code: code(1), name: 'old' })
    old.nextCode = code(2).toUpperCase()
    await Leaf.saveMany([old, new Leaf({ code: code(2), name: 'new' })])
    expect(await Leaf.findOrFail(code(1))).toMatchObject({ nextCode: code(2) })
  })
  it('does both at once, in three statements', async () => {
    const [one, two] = (await Leaf.createMany([
      { code: code(1), name: 'one' },
      { code: code(2), name: 'two' },
    ])) as [Leaf, Leaf]
    one.name = 'free'
    two.nextCode = code(3)
    const { events } = await recordQueries(() => Leaf.saveMany([two, new Leaf({ code: code(3), name: 'one' }), one]))
    expect(events.map(({ sql }) => sql.slice(0, 6)).filter((word) => ['insert', 'update'].includes(word))).toEqual([
      'update',
      'insert',
      'update',
    ])
    expect(await Leaf.query().orderBy('code').values('name', 'nextCode')).toEqual([
      { name: 'free', nextCode: null },
      { name: 'two', nextCode: code(3) },
      { name: 'one', nextCode: null },
    ])
  })
  it('points a new row at a changed one, and at another new one', async () => {
    const old = await Leaf.create({ code: code(1), name: 'old' })
    old.name = 'older'
    await Leaf.saveMany([
      old,
      new Leaf({ code: code(2), name: 'new', nextCode: code(1) }),
      new Leaf({ code: code(3), name: 'newer', nextCode: code(2) }),
    ])
    expect(await Leaf.count()).toBe(3)
  })
  it('stores nothing where both can not be', async () => {
    const old = await Leaf.create({ code: code(1), name: 'old' })
    Object.assign(old, { name: 'other', nextCode: code(2) })
    await expect(Leaf.saveMany([old, new Leaf({ code: code(2), name: 'old' })])).rejects.toThrow(UniqueViolationError)
    Object.assign(old, { name: 'other', nextCode: code(9) })
    await expect(Leaf.saveMany([old, new Leaf({ code: code(2), name: 'x' })])).rejects.toThrow(ForeignKeyViolationError)
    expect([await Leaf.query().pluck('name'), old.isDirty()]).toEqual([['old'], true])
  })
})
