import { caseWhen, Decimal, Field, fn, Model, PermissionError, sql, UniqueViolationError, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

class Tag extends Model({
  name: Field.string({ max: 50, unique: true }),
  uses: Field.integer({ default: 0 }),
  price: Field.decimal({ precision: 10, scale: 2, default: 0 }),
  note: Field.string({ nullable: true }),
}) {}

class Person extends looseModel(
  {
    code: Field.string({ max: 50, unique: true, nullable: true }),
    mail: Field.string({ max: 50, unique: true, nullable: true }),
    year: Field.integer({ nullable: true }),
    place: Field.integer({ nullable: true }),
    born: Field.string({ max: 50, nullable: true, readonly: true }),
    n: Field.integer({ default: 0 }),
    tenant: Field.integer({ default: 1 }),
  },
  {
    table: 'upsert_people',
    uniques: [['year', 'place']],
    globalScopes: { tenant: { apply: (q: any) => q.where('tenant', 1), locked: true } },
  },
) {}

class Thing extends looseModel(
  {
    code: Field.string({ max: 50, unique: true, nullable: true }),
    mail: Field.string({ max: 50, unique: true, nullable: true }),
    year: Field.integer({ nullable: true }),
    place: Field.integer({ nullable: true }),
    born: Field.string({ max: 50, nullable: true, readonly: true }),
    n: Field.integer({ default: 0 }),
  },
  { table: 'upsert_things', uniques: [['year', 'place']] },
) {}

describeDatabases('upserting', (database) => {
  database.useTables([Tag, Person, Thing])

  it('computes with the existing row and with the incoming one', async () => {
    await Tag.create({ name: 'a', uses: 2, price: '1.50', note: 'old' })
    const tag = await Tag.upsert(
      { name: 'a', uses: 5, price: '2.25', note: 'new' },
      {
        conflict: 'name',
        update: (tag, incoming) => ({ uses: tag.uses.plus(incoming.uses), price: incoming.price.plus(tag.price) }),
      },
    )
    expect(tag).toMatchObject({ uses: 7, price: new Decimal('3.75'), note: 'old' })
  })

  it('binds values of the update, anew each time', async () => {
    const add = (by: number, note: string | null, price: string) =>
      Tag.upsert({ name: 'a' }, { conflict: 'name', update: (tag) => ({ uses: tag.uses.plus(by), note, price }) })
    await add(1, 'first', '9.99')
    expect(await add(10, `it's "second"`, '1.5')).toMatchObject({
      uses: 10,
      note: `it's "second"`,
      price: new Decimal('1.50'),
    })
    expect(await add(100, null, '2')).toMatchObject({ uses: 110, note: null, price: new Decimal(2) })
  })

  it('does so for many rows', async () => {
    await Tag.createMany([{ name: 'a', uses: 1 }, { name: 'b' }])
    const rows = Array.from({ length: 1203 }, (_, i) => ({ name: i === 7 ? 'a' : i === 9 ? 'b' : `n${i}`, uses: i }))
    await Tag.upsertMany(rows, {
      conflict: 'name',
      update: (tag, incoming) => ({ uses: tag.uses.plus(incoming.uses).plus(1000), note: sql`${'seen'}` }),
    })
    expect(await Tag.count()).toBe(1203)
    expect(await Tag.query().whereIn('name', ['a', 'b']).orderBy('name').values('uses', 'note')).toEqual([
      { uses: 1008, note: 'seen' },
      { uses: 1009, note: 'seen' },
    ])
    expect(await Tag.where('note', 'seen').count()).toBe(2)
  })

  it('refuses lists in the update', async () => {
    const upsert = Tag.upsert(
      { name: 'a' },
      { conflict: 'name', update: (tag) => ({ note: caseWhen(tag.name.in(['a', 'b']), 'x').else('y') }) },
    )
    await expect(upsert).rejects.toThrow('takes no lists')
  })
  describe.each([
    ['a model', () => Thing],
    ['a model with a locked scope', () => Person],
  ])('of %s', (_, model) => {
    const rows = () => model().query().orderBy('id').values('code', 'mail', 'n')

    it('gives the row that was inserted where the key is NULL', async () => {
      const first = await model().upsert({ code: null, n: 1 }, { conflict: 'code' })
      const second = await model().upsert({ code: null, n: 2 }, { conflict: 'code' })
      const third = await model().upsert({ n: 3 }, { conflict: ['year', 'place'] })
      expect([first.n, second.n, third.n]).toEqual([1, 2, 3])
      expect(new Set([first.id, second.id, third.id]).size).toBe(3)
      expect([second.isPersisted, second.isDirty()]).toEqual([true, false])
      await second.update({ n: 20 })
      expect((await rows()).map(({ n }: { n: number }) => n)).toEqual([1, 20, 3])
    })

    it('leaves rows alone that have another unique key in common', async () => {
      await model().insertMany([
        { code: 'a', mail: 'a@x', year: 1, place: 1 },
        { code: 'b', mail: 'b@x', year: 2, place: 2 },
      ])
      const before = await rows()
      const taken = { code: 'c', mail: 'b@x', n: 9 }
      for (const upsert of [
        () => model().upsert(taken, { conflict: 'code' }),
        () => model().upsert(taken, { conflict: 'code', update: false }),
        () => model().upsert({ ...taken, code: 'a' }, { conflict: 'code' }),
        () => model().upsertMany([{ code: 'new' }, taken], { conflict: 'code' }),
        () => model().upsertMany([{ code: 'new' }, { ...taken, code: null }], { conflict: 'code' }),
        () => model().upsert({ code: 'd', year: 1, place: 1, n: 9 }, { conflict: 'code' }),
        () => model().upsert({ code: 'a', year: 3, place: 3, n: 9 }, { conflict: ['year', 'place'] }),
        () => database.db.transaction(() => model().upsertMany([{ code: 'new' }, taken], { conflict: 'code' })),
      ]) {
        await expect(upsert()).rejects.toThrow(UniqueViolationError)
        expect(await rows()).toEqual(before)
      }
      await model().upsert({ code: 'b', mail: 'b@x', n: 5 }, { conflict: 'code' })
      await model().upsert({ code: 'a', mail: 'new@x', year: 1, place: 1, n: 6 }, { conflict: ['place', 'year'] })
      expect(await rows()).toEqual([
        { code: 'a', mail: 'new@x', n: 6 },
        { code: 'b', mail: 'b@x', n: 5 },
      ])
    })

    it('goes by unique keys only', async () => {
      const row = { code: 'a', year: 1, place: 1 }
      for (const conflict of ['n', 'year', ['code', 'n'], ['code', 'mail']])
        for (const upsert of [
          () => model().upsert(row, { conflict }),
          () => model().upsertMany([row], { conflict }),
          () => model().upsertMany([], { conflict }),
        ])
          await expect(upsert()).rejects.toThrow('which is not a unique key of the model')
      expect(await model().count()).toBe(0)
      await model().upsert(row, { conflict: ['code', 'code'], update: ['n', 'n'] })
      await model().upsert({ ...row, n: 4 }, { conflict: ['code', 'code'], update: ['n', 'n'] })
      expect(await model().query().pluck('n')).toEqual([4])
    })

    it('refuses updates of the key it goes by, of readonly fields and by values of many rows', async () => {
      await model().upsert({ code: 'a', born: 'here' }, { conflict: 'code' })
      for (const update of [
        () => ({ n: fn.count() }),
        (row: any) => ({ n: fn.rowNumber().over({ orderBy: row.n.asc() }) }),
        ['born'],
        ['n', 'born'],
        () => ({ born: 'there' }),
      ]) {
        const given = { code: 'a', mail: 'm@x', born: 'there', n: 9 }
        await expect(model().upsert(given, { conflict: 'code', update })).rejects.toThrow(UsageError)
        await expect(model().upsertMany([given], { conflict: 'code', update })).rejects.toThrow(UsageError)
      }
      expect(await model().query().values('code', 'born', 'n')).toEqual([{ code: 'a', born: 'here', n: 0 }])
      const same = await model().upsert({ code: 'a', n: 3 }, { conflict: 'code', update: ['code', 'n'] })
      expect(same.n).toBe(3)
    })
  })

  it('gives the row when the update changes the field it goes by', async () => {
    const [a] = await Thing.createMany([{ code: 'a', n: 1 }, { code: 'b' }])
    const move = (given: object, code: unknown) =>
      Thing.upsert(given, { conflict: 'code', update: () => ({ code, n: 7 }) })
    expect(await move({ code: 'a' }, 'moved')).toMatchObject({ id: a.id, code: 'moved', n: 7 })
    expect(await move({ code: 'new', n: 3 }, 'moved')).toMatchObject({ code: 'new', n: 3 })
    await expect(move({ code: 'new' }, 'moved')).rejects.toThrow(UniqueViolationError)
    expect(await Thing.query().orderBy('id').pluck('code')).toEqual(['moved', 'b', 'new'])
    const byKey = Thing.upsert({ id: a.id, code: 'x' }, { conflict: 'id', guarded: true, update: () => ({ id: 77 }) })
    await expect(byKey).rejects.toThrow('can\'t set "Thing.id"')
    const locked = Person.upsert({ code: 'a' }, { conflict: 'code', update: () => ({ code: 'b' }) })
    await expect(locked).rejects.toThrow('can\'t set "Person.code"')
  })

  it('does not take a row out of another tenant by one of its unique values', async () => {
    await database.db.execute(sql`insert into upsert_people (code, mail, n, tenant) values ('t', 't@x', 1, 2)`)
    const taken = { code: 'mine', mail: 't@x', n: 9, tenant: 1 }
    const error = await Person.upsert(taken, { conflict: 'code' }).catch((thrown: unknown) => thrown)
    expect(error instanceof UniqueViolationError || error instanceof PermissionError).toBe(true)
    expect(await Person.withoutGlobalScope('tenant').values('code', 'mail', 'n', 'tenant')).toEqual([
      { code: 't', mail: 't@x', n: 1, tenant: 2 },
    ])
  })

  it('refuses windows in an update over a query too', async () => {
    const update = Tag.all().update((c) => ({ uses: fn.rowNumber().over({ orderBy: c.name.asc() }) }))
    await expect(update).rejects.toThrow("A window function can't be used in update()")
  })
})
