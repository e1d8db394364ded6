import { sql, UndefinedValueError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Canary, fillItems, Item } from '../support/items.js'

describeDatabases('SQL by hand', (database) => {
  database.useTables([Item, Canary])
  beforeEach(async () => {
    await fillItems()
    await Canary.create({ word: 'alive' })
  })
  const table = sql.id('items')

  describe('execute() and select()', () => {
    it('select() gives rows as plain objects', async () => {
      const rows = await database.db.select<{ name: string }>(
        sql`select name from ${table} where age < ${3} order by name`,
      )
      expect(rows).toEqual([{ name: 'axe' }, { name: 'ball' }])
      expect(await database.db.select(sql`select name from ${table} where name = ${'none'}`)).toEqual([])
    })
    it('execute() gives the number of affected rows', async () => {
      expect(await database.db.execute(sql`update ${table} set note = ${'x'} where kind = ${'toy'}`)).toBe(3)
      expect(await database.db.execute(sql`delete from ${table} where name = ${'none'}`)).toBe(0)
      expect(await Item.where('note', 'x').count()).toBe(3)
    })
    it('values are bound, never text', async () => {
      const evil = "'; drop table canary; --"
      const { events } = await recordQueries(() =>
        database.db.select(sql`select name from ${table} where name = ${evil} or note = ${null} or age = ${7}`),
      )
      expect(events).toHaveLength(1)
      expect(events[0]!.sql).not.toContain('drop')
      expect(events[0]!.parameters).toHaveLength(3)
      expect(await Canary.query().pluck('word')).toEqual(['alive'])
    })
    it('quoted marks in the text are text', async () => {
      const [row] = await database.db.select(
        sql`select '? $1 :a' as a, name as b /* ? $1 */ from ${table} where name = ${'axe'} -- ?`,
      )
      expect(row).toEqual({ a: '? $1 :a', b: 'axe' })
    })
    it('takes sql only', async () => {
      for (const text of [
        'select 1',
        {},
        null,
        undefined,
        ['select 1'],
        JSON.parse('{"kind":"raw","texts":["select 1"]}'),
      ])
        for (const work of [() => database.db.select(text), () => database.db.execute(text)])
          expect(await expectRefusal(work)).toBeInstanceOf(UsageError)
    })
    it.each([
      '__proto__',
      'constructor',
      'toString',
      '',
      ' ',
      "it's",
      'a"b',
      'a`b',
      '?',
      '$1',
      "\\'/*",
      '*/ + x',
      '表',
      'then',
    ])('a result column may be called %j', async (name) => {
      // MariaDB has no empty name, and none that ends in a blank
      const usable = name.trim() === '' ? 'x' : name
      const [row] = await database.db.select(sql`select 5 as ${sql.id(usable)}, 6 as other`)
      expect(Object.keys(row!)).toEqual([usable, 'other'])
      expect(Object.getOwnPropertyDescriptor(row, usable)?.value).toBe(5)
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    })
  })

  describe('pieces', () => {
    it('sql.id quotes names, and paths of them', async () => {
      const query = sql`select ${sql.id('items', 'name')} from ${sql.id('items')} where ${sql.id('age')} = ${1}`
      expect(await database.db.select(query)).toEqual([{ name: 'axe' }])
      for (const name of ['a"b', 'a`b', "a'b", 'a;b', 'a.b', '--', '?', '"; drop table canary; --'])
        await expect(database.db.select(sql`select ${sql.id(name)} from ${table}`)).rejects.toMatchObject({
          code: 'DATABASE',
        })
      expect(await Canary.count()).toBe(1)
      for (const names of [[], [''], ['a\0b'], [5]]) expect(() => sql.id(...(names as string[]))).toThrow(UsageError)
    })
    it('sql.join puts pieces side by side', async () => {
      const list = sql.join(['axe', 'cart'])
      expect(await database.db.select(sql`select name from ${table} where name in (${list}) order by name`)).toEqual([
        { name: 'axe' },
        { name: 'cart' },
      ])
      const tests = sql.join([sql`name = ${'axe'}`, sql`age = ${2}`, sql`note = ${'loud'}`], sql` or `)
      expect(await Item.query().whereRaw(tests).count()).toBe(3)
      expect(() => sql.join([undefined])).toThrow(UndefinedValueError)
    })
    it('sql.raw is text as it is', async () => {
      expect(await Item.query().whereRaw(sql.raw('age = 2 or age = 4')).where('active', true).pluck('name')).toEqual([
        'ball',
      ])
      expect(await database.db.select(sql`select name from ${table} ${sql.raw('where age = 1')}`)).toHaveLength(1)
    })
    it('pieces nest, and the values keep their order', async () => {
      const inner = sql`age = ${2} and kind = ${'toy'}`
      const outer = sql`select name from ${table} where active = ${true} and (${inner}) and name <> ${'axe'}`
      expect(await database.db.select(outer)).toEqual([{ name: 'ball' }])
    })
    it('a query stands in it as a subquery', async () => {
      const young = Item.where('age', '<', 3).select('id')
      expect(await database.db.select(sql`select name from ${table} where kind = ${'toy'} and id in ${young}`)).toEqual(
        [{ name: 'ball' }],
      )
    })
    it('values that are no single values are refused', () => {
      for (const value of [[1], {}, { a: 1 }, new Map(), undefined])
        expect(() => sql`select ${value}`).toThrow(UsageError)
    })
  })

  describe('raw() and rawFirst()', () => {
    it('make instances, with columns by their names', async () => {
      const [item, ...rest] = await Item.raw(sql`select * from ${table} where name = ${'axe'}`)
      expect(rest).toEqual([])
      expect(item).toBeInstanceOf(Item)
      expect(item!.toObject()).toEqual((await Item.query().selectAll().where('name', 'axe').sole()).toObject())
      expect(item!.isDirty()).toBe(false)
      item!.age = 5
      await item!.save()
      expect(await Item.where('name', 'axe').pluck('age')).toEqual([5])
    })
    it('columns may come in any order, and others are left out', async () => {
      const item = await Item.rawFirst(sql`select age, 5 as five, name, id from ${table} where name = ${'ball'}`)
      expect(item).toMatchObject({ name: 'ball', age: 2 })
      expect(Object.keys(item!).sort()).toEqual(['age', 'id', 'name'])
      expect(await Item.rawFirst(sql`select * from ${table} where name = ${'none'}`)).toBeNull()
    })
    it('need the key', async () => {
      await expect(Item.raw(sql`select name from ${table}`)).rejects.toThrow('"id"')
    })
    it('load relations of their siblings in one query', async () => {
      const items = await Item.raw(sql`select * from ${table} where parent_id is not null order by name`)
      const { events } = await recordQueries(async () => {
        for (const item of items) await item.parent
      })
      expect(events).toHaveLength(1)
    })
  })

  describe('statements for people', () => {
    it('toSQL() takes the dialect of the database', () => {
      const { sql: text, parameters } = Item.where('name', 'axe').select('id').toSQL()
      expect(text).toMatch(/^select ["`]id["`] from ["`]items["`] where ["`]name["`] = (\?|\$1)$/)
      expect(parameters).toEqual(['axe'])
    })
    it('toSQLUpdate(), toSQLDelete() and toSQLInsert() send nothing', async () => {
      const { events } = await recordQueries(() => {
        expect(Item.where('age', 1).toSQLUpdate({ note: 'x' }).sql).toMatch(/^update /)
        expect(Item.where('age', 1).toSQLDelete().sql).toMatch(/^delete from /)
        expect(Item.toSQLInsert({ name: 'x' }).sql).toMatch(/^insert into /)
      })
      expect(events).toEqual([])
      expect(await Item.count()).toBe(4)
    })
    it('toRawSQL() can be run as it is', async () => {
      const query = Item.where('name', 'it\'s \\ "x"').orWhere('name', 'axe').orWhere('price', '2.25').select('name')
      await Item.create({ name: 'it\'s \\ "x"' })
      const rows = await database.db.select<{ name: string }>(sql`${sql.raw(query.toRawSQL())}`)
      expect(rows.map((row) => row.name).sort()).toEqual(['axe', 'ball', 'it\'s \\ "x"'])
    })
    it('refuse a dialect that is none', () => {
      expect(() => Item.query().toSQL({ dialect: 'oracle' as 'mysql' })).toThrow('postgres')
      expect(() => Item.query().toSQL({ dialect: 'constructor' as 'mysql' })).toThrow(UsageError)
    })
  })
})
