import { Database, type Entity, Field, FieldNotLoadedError, Model, Relation, StaleModelError } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { expectQueries, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Paper extends Model(
  {
    title: Field.string(),
    body: Field.text({ lazy: true, default: '' }),
    data: Field.json<{ n: number }>({ lazy: true, nullable: true }),
    at: Field.dateTime({ lazy: true, nullable: true }),
    secret: Field.string({ lazy: true, hidden: true, default: 's' }),
  },
  { table: 'lazy_papers' },
) {
  static notes = Relation.hasMany(() => Note)
}
class Note extends Model(
  {
    a: Field.integer({ primaryKey: true }),
    b: Field.integer({ primaryKey: true }),
    text: Field.text({ lazy: true, default: '' }),
    n: Field.integer({ default: 0 }),
    paperId: Field.foreignKey(() => Paper),
  },
  { table: 'lazy_notes' },
) {
  static paper = Relation.belongsTo(() => Paper)
}

type Three = [Entity<typeof Paper>, Entity<typeof Paper>, Entity<typeof Paper>]

const TITLES = ['a', 'b', 'c']
const AT = new Date('2026-01-02T03:04:05.678Z')

describeDatabases('lazy fields', (database) => {
  database.useTables([Paper, Note])
  afterEach(() => Database.configure({ lazyLoading: 'batch' }))

  const papers = async () => {
    await Paper.createMany(TITLES.map((title, n) => ({ title, body: `body of ${title}`, data: { n }, at: AT })))
    return Paper.query().orderBy('title')
  }

  it('reads the row of the instance, also where the code has assigned another key', async () => {
    const [{ id: paperId }] = (await papers()) as unknown as [{ id: number }]
    await Note.insertMany([1, 2].map((b) => ({ a: 1, b, text: `t${b}`, paperId })))
    const load = () => Note.query().orderBy('b') as PromiseLike<Entity<typeof Note>[]>
    const [one, two] = (await load()) as [Entity<typeof Note>, Entity<typeof Note>]
    one.b = 2
    expect(await one.loadField('text')).toBe('t1')
    expect(await two.loadField('text')).toBe('t2')
    expect(one.getChanges()).toEqual({ b: [1, 2] })
    const [alone] = (await load()) as [Entity<typeof Note>]
    alone.b = 9
    await alone.refresh('text')
    expect([alone.text, alone.b]).toEqual(['t1', 9])
    await alone.increment('n')
    await alone.save()
    expect(await Note.query().orderBy('b').valuesList('b', 'text', 'n')).toEqual([
      [2, 't2', 0],
      [9, 't1', 1],
    ])
  })

  it('are loaded for all rows of a result by one query, and kept', async () => {
    const rows = await papers()
    const bodies = await expectQueries(1, async () => {
      const found: string[] = []
      for (const row of rows) found.push(await row.loadField('body'))
      return found
    })
    expect(bodies).toEqual(['body of a', 'body of b', 'body of c'])
    expect(rows.map((row) => row.body)).toEqual(bodies)
    expect(rows.some((row) => row.isDirty())).toBe(false)
    expect(rows[1]?.toJSON()).toHaveProperty('body', 'body of b')
    expect(() => rows[0]?.data).toThrow(FieldNotLoadedError)
    expect(await expectQueries(1, () => Promise.all(rows.map((row) => row.loadField('data'))))).toEqual([
      { n: 0 },
      { n: 1 },
      { n: 2 },
    ])
    await rows[0]?.loadField('at')
    expect(rows.map((row) => row.at)).toEqual([AT, AT, AT])
    expect(rows[2]?.isDirty('at')).toBe(false)
    await rows[0]?.loadField('secret')
    expect(rows[1]?.secret).toBe('s')
    expect(Object.keys(rows[1] as object)).not.toContain('secret')
    if (rows[1]?.data != null) rows[1].data.n = 9
    expect(rows[1]?.getChanges()).toEqual({ data: [{ n: 1 }, { n: 9 }] })
  })

  it('leave alone what siblings have assigned, deleted or loaded', async () => {
    const [first, second, third] = (await papers()) as Three
    second.body = 'mine'
    await third.delete()
    const { events } = await recordQueries(() => first.loadField('body'))
    expect(events).toHaveLength(1)
    expect([first.body, second.body, second.isDirty('body')]).toEqual(['body of a', 'mine', true])
    await second.save()
    expect((await Paper.query().selectAll().where('title', 'b').firstOrFail()).body).toBe('mine')
  })

  it('tell that the row of the instance is gone, and skip siblings without a row', async () => {
    const [first, second, third] = (await papers()) as Three
    await Paper.where('id', 'in', [first.id, second.id]).delete()
    await expect(first.loadField('body')).rejects.toThrow(StaleModelError)
    expect(await third.loadField('body')).toBe('body of c')
    expect(() => second.body).toThrow(FieldNotLoadedError)
  })

  it('are loaded one by one where lazyLoading says so', async () => {
    Database.configure({ lazyLoading: 'single' })
    const [first, second] = (await papers()) as Three
    await expectQueries(1, () => first.loadField('body'))
    expect(() => second.body).toThrow(FieldNotLoadedError)
    await expectQueries(1, () => second.loadField('body'))
  })

  it('work with composite keys, in nested results and through selectAll', async () => {
    const [paper] = (await papers()) as Three
    await Note.createMany([1, 2, 3].map((b) => ({ a: 1, b, text: `t${b}`, paperId: paper.id })))
    const [loaded] = await Paper.where('id', paper.id).with('notes')
    const notes = loaded?.notes as unknown as Note[]
    expect(await expectQueries(1, () => Promise.all(notes.map((note) => note.loadField('text'))))).toEqual([
      't1',
      't2',
      't3',
    ])
    expect((await Note.query().selectAll().orderBy('b')).map((note) => note.text)).toEqual(['t1', 't2', 't3'])
    expect((await Note.query().select('text').orderBy('b').firstOrFail()).text).toBe('t1')
  })

  it('are not loaded any more after a rollback', async () => {
    const [first, second] = (await papers()) as Three
    await expect(
      Database.get().transaction(async () => {
        await Paper.where('id', '>', 0).update({ body: 'uncommitted' })
        expect(await first.loadField('body')).toBe('uncommitted')
        expect(second.body).toBe('uncommitted')
        throw new Error('back')
      }),
    ).rejects.toThrow('back')
    expect(() => second.body).toThrow(FieldNotLoadedError)
    expect(await second.loadField('body')).toBe('body of b')
    expect(first.body).toBe('body of a')
  })

  it('of many rows are read within the limits of a statement', async () => {
    const count = 1500
    await Paper.insertMany(Array.from({ length: count }, (_, i) => ({ title: 't', body: `${i}` })))
    const rows = await Paper.query().orderBy('id').limit(count)
    const bodies = await Promise.all(rows.map((row) => row.loadField('body')))
    expect(bodies).toEqual(Array.from({ length: count }, (_, i) => `${i}`))
  })
})
