import { Field, Model, StaleModelError, sql, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Page extends Model({
  title: Field.string({ default: '' }),
  body: Field.text({ default: '' }),
  views: Field.integer({ default: 0 }),
  slug: Field.string({ nullable: true, unique: true }),
  changedAt: Field.dateTime({ autoNow: true }),
  version: Field.version(),
}) {}

/** The key is composite, and the version has another name and column. */
class Cell extends Model({
  sheet: Field.string({ max: 20, primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
  text: Field.string({ default: '' }),
  edition: Field.version({ column: 'lock_version', hidden: true }),
}) {}

const staleOf = (work: Promise<unknown>): Promise<StaleModelError> =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(StaleModelError)
      return error as StaleModelError
    },
  )

describeDatabases('versions', (database) => {
  database.useTables([Page, Cell])

  type Pages<T> = { [K in keyof T]: Page }
  const pagesOf = async <const T extends string[]>(...titles: T) =>
    (await Page.createMany(titles.map((title) => ({ title })))) as Page[] as Pages<T>
  const versionOf = async (page: Page) => (await Page.findOrFail(page.id)).version

  it('begin with 1 and count the saves that change something', async () => {
    const page = await Page.create({ title: 'a' })
    expect(page.version).toBe(1)
    expect(await versionOf(page)).toBe(1)
    page.title = 'b'
    await page.save()
    expect(page.version).toBe(2)
    await page.update({ body: 'x' })
    expect(page.version).toBe(3)
    expect(await versionOf(page)).toBe(3)
    expect(page.isDirty()).toBe(false)
    await page.save()
    await page.update({ body: 'x' })
    expect(page.version).toBe(3)
    expect(await versionOf(page)).toBe(3)
  })

  it('are checked and set by the statement that writes the row', async () => {
    const page = await Page.create({ title: 'a' })
    page.title = 'b'
    const { events } = await recordQueries(() => page.save())
    expect(events).toHaveLength(1)
    expect(events[0]?.sql).toMatch(/^update .* set .*version.* where .*version/s)
  })

  it('refuse a save of an instance that another write has changed', async () => {
    const mine = await Page.create({ title: 'a' })
    const theirs = await Page.findOrFail(mine.id)
    await theirs.update({ title: 'theirs' })
    mine.body = 'mine'
    const before = mine.changedAt
    const error = await staleOf(mine.save())
    expect(error).toMatchObject({
      model: 'Page',
      key: mine.id,
      reason: 'changed',
      expected: 1,
      current: 2,
      stale: [{ key: mine.id, reason: 'changed', expected: 1, current: 2 }],
    })
    expect(error.message).toContain('was changed by another write')
    expect(mine).toMatchObject({ version: 1, body: 'mine', changedAt: before })
    expect(mine.getChanges()).toEqual({ body: ['', 'mine'] })
    expect(await Page.findOrFail(mine.id)).toMatchObject({ title: 'theirs', body: '', version: 2 })

    await staleOf(mine.save())
    await mine.refresh()
    expect(mine).toMatchObject({ title: 'theirs', body: '', version: 2 })
    await mine.update({ body: 'mine' })
    expect(await Page.findOrFail(mine.id)).toMatchObject({ title: 'theirs', body: 'mine', version: 3 })
  })

  it('say of a row that was deleted that it is gone', async () => {
    const page = await Page.create({ title: 'a' })
    await (await Page.findOrFail(page.id)).delete()
    const error = await staleOf(page.update({ title: 'b' }))
    expect(error).toMatchObject({ key: page.id, reason: 'gone', expected: 1, current: null })
    expect(error.message).toContain('no longer in the database')
    expect((await staleOf(page.refresh())).reason).toBe('gone')
    expect((await staleOf(page.increment('views'))).reason).toBe('gone')
    await page.delete()
    expect(page.isDeleted).toBe(true)
  })

  it('refuse a delete of an instance that another write has changed', async () => {
    const page = await Page.create({ title: 'a' })
    await (await Page.findOrFail(page.id)).update({ title: 'b' })
    expect(await staleOf(page.delete())).toMatchObject({ reason: 'changed', expected: 1, current: 2 })
    expect(page.isDeleted).toBe(false)
    expect(await Page.count()).toBe(1)
    await page.refresh()
    await page.delete()
    expect(await Page.count()).toBe(0)
  })

  it('are checked for each row of a batch, which is written as a whole or not at all', async () => {
    const [first, second, third, fourth] = await pagesOf('a', 'b', 'c', 'd')
    const pages = [first, second, third, fourth]
    // as new as a row that this batch has written
    await (await Page.findOrFail(second.id)).update({ title: 'theirs' })
    await Page.deleteMany([fourth.id])
    for (const page of pages) page.title += '!'
    const error = await staleOf(Page.saveMany(pages))
    expect(error.stale).toEqual([
      { key: second.id, reason: 'changed', expected: 1, current: 2 },
      { key: fourth.id, reason: 'gone', expected: 1, current: null },
    ])
    expect(error).toMatchObject({ key: second.id, reason: 'changed' })
    expect(error.message).toContain('2 of these "Page"')
    expect(pages.map((page) => page.version)).toEqual([1, 1, 1, 1])
    expect(pages.every((page) => page.isDirty('title'))).toBe(true)
    expect(await Page.query().orderBy('id').pluck('title')).toEqual(['a', 'theirs', 'c'])

    await Page.saveMany([first, third])
    expect([first.version, third.version]).toEqual([2, 2])
    third.body = 'x'
    first.views = 1
    await Page.saveMany([first, third])
    expect([first.version, third.version]).toEqual([3, 3])
    expect(await Page.query().orderBy('id').pluck('version')).toEqual([3, 2, 3])
  })

  it('are checked by updateMany(), in a transaction too', async () => {
    const pages = await pagesOf('a', 'b', 'c')
    const [, second] = pages
    await Page.transaction(async () => {
      await (await Page.findOrFail(second.id)).update({ title: 'theirs' })
      for (const page of pages) page.title += '!'
      const { stale } = await staleOf(Page.updateMany(pages, ['title']))
      expect(stale).toEqual([{ key: second.id, reason: 'changed', expected: 1, current: 2 }])
      await second.refresh()
      second.title = 'both'
      expect(await Page.updateMany(pages, ['title'])).toBe(3)
    })
    expect(await Page.query().orderBy('id').pluck('title')).toEqual(['a!', 'both', 'c!'])
    expect(await Page.query().orderBy('id').pluck('version')).toEqual([2, 3, 2])
  })

  it('refuse two instances of one row in a batch', async () => {
    const page = await Page.create({ title: 'a' })
    const other = await Page.findOrFail(page.id)
    page.title = 'b'
    other.body = 'c'
    expect((await staleOf(Page.saveMany([page, other]))).key).toBe(page.id)
    expect(await Page.findOrFail(page.id)).toMatchObject({ title: 'a', body: '', version: 1 })
  })

  it('follow a rollback', async () => {
    const page = await Page.create({ title: 'a' })
    await Page.transaction(async (trx) => {
      await page.update({ title: 'b' })
      await trx.transaction(async (nested) => {
        await page.update({ title: 'c' })
        expect(page.version).toBe(3)
        nested.rollback()
      })
      expect(page.version).toBe(2)
      await page.update({ body: 'x' })
      expect(page.version).toBe(3)
      trx.rollback()
    })
    expect(page.version).toBe(1)
    expect(page.isDirty('title')).toBe(true)
    await page.save()
    expect(page.version).toBe(2)
    expect(await Page.findOrFail(page.id)).toMatchObject({ title: 'c', body: 'x', version: 2 })
  })

  it('stay as they were when a save fails', async () => {
    await Page.create({ slug: 'taken' })
    const page = await Page.create({ slug: 'own' })
    page.slug = 'taken'
    await expect(page.save()).rejects.toThrow()
    expect(page.version).toBe(1)
    page.slug = 'other'
    await page.save()
    expect(page.version).toBe(2)
  })

  it('count an update over a query, so that loaded instances are stale', async () => {
    const page = await Page.create({ title: 'a' })
    expect(await Page.where('id', page.id).update({ title: 'b' })).toBe(1)
    expect(await versionOf(page)).toBe(2)
    expect((await staleOf(page.update({ body: 'x' }))).reason).toBe('changed')
    const [returned] = await Page.where('id', page.id).updateReturning({ title: 'c' })
    expect(returned?.version).toBe(3)
    await returned?.update({ body: 'x' })
    expect(await versionOf(page)).toBe(4)
  })

  it('do not count updates that consist of expressions, so that counters leave loaded instances alone', async () => {
    const page = await Page.create({ title: 'a' })
    await Page.where('id', page.id).update((c) => ({ views: c.views.plus(1) }))
    await Page.where('id', page.id).increment('views')
    await page.increment('views', 2)
    expect(page).toMatchObject({ views: 4, version: 1 })
    await page.update({ title: 'b' })
    expect(await Page.findOrFail(page.id)).toMatchObject({ title: 'b', views: 4, version: 2 })
    await Page.where('id', page.id).update((c) => ({ views: c.views.plus(1), title: 'c' }))
    expect(await versionOf(page)).toBe(3)
  })

  it('count an upsert that updates', async () => {
    const page = await Page.upsert({ slug: 's', title: 'a' }, { conflict: 'slug' })
    expect(page.version).toBe(1)
    const again = await Page.upsert({ slug: 's', title: 'b' }, { conflict: 'slug' })
    expect(again).toMatchObject({ id: page.id, version: 2 })
    await again.update({ body: 'x' })
    await Page.upsertMany([{ slug: 's', title: 'c' }, { slug: 't' }], { conflict: 'slug', update: ['title'] })
    expect(await Page.query().orderBy('slug').pluck('version')).toEqual([4, 1])
    await Page.upsert({ slug: 's' }, { conflict: 'slug', update: (c) => ({ views: c.views.plus(1) }) })
    expect(await versionOf(page)).toBe(5)
    await Page.upsert({ slug: 's', title: 'd' }, { conflict: 'slug', update: false })
    expect(await versionOf(page)).toBe(5)
    expect((await staleOf(again.update({ title: 'e' }))).reason).toBe('changed')
  })

  it('are written by insertMany() too', async () => {
    await Page.insertMany([{ title: 'a' }, { title: 'b' }])
    expect(await Page.query().pluck('version')).toEqual([1, 1])
  })

  it('belong to every instance, whatever is selected', async () => {
    const { id } = await Page.create({ title: 'a' })
    const page = await Page.query().select('title').findOrFail(id)
    await Page.where('id', id).update({ body: 'x' })
    expect((await staleOf(page.update({ title: 'b' }))).reason).toBe('changed')
    await (await Page.query().omit('version').firstOrFail()).update({ title: 'b' })
    expect(await versionOf(await Page.findOrFail(id))).toBe(3)
  })

  it('are unknown to an instance of raw SQL that does not select them', async () => {
    const { id } = await Page.create({ title: 'a' })
    const [page] = await Page.raw(sql`select id, title from pages`)
    await expect((page as Page).update({ title: 'b' })).rejects.toThrow(UsageError)
    await expect((page as Page).delete()).rejects.toThrow('was loaded without "Page.version"')
    await (page as Page).update({ title: 'b' }, { expectVersion: 1 })
    expect((page as Page).version).toBe(2)
    await (page as Page).update({ title: 'c' })
    expect(await versionOf({ id } as Page)).toBe(3)
  })

  it('are counted, and not checked, where a row is known by its key only', async () => {
    const { id } = await Page.create({ title: 'a' })
    const ref = Page.ref(id)
    await ref.update({ title: 'b' })
    await ref.update({ body: 'x' })
    expect(await Page.findOrFail(id)).toMatchObject({ title: 'b', body: 'x', version: 3 })
    expect((await staleOf(Page.ref(id).update({ title: 'c' }, { expectVersion: 2 }))).reason).toBe('changed')
    const checked = Page.ref(id)
    await checked.update({ title: 'c' }, { expectVersion: 3 })
    expect(checked.version).toBe(4)
    await Page.ref(id).delete()
    expect(await Page.count()).toBe(0)
  })

  it('can be those that a client sent', async () => {
    const page = await Page.create({ title: 'a' })
    await page.update({ title: 'b' })
    const error = await expectRefusal(() => page.update({ body: 'x' }, { expectVersion: 1 }))
    expect(error).toBeInstanceOf(StaleModelError)
    expect(error).toMatchObject({ reason: 'changed', expected: 1, current: 2 })
    await page.refresh()
    await expectRefusal(() => page.save({ expectVersion: 1 }))
    await expectQueries(0, () => page.save({ expectVersion: 2 }))
    await page.update({ body: 'x' }, { expectVersion: 2 })
    expect(page.version).toBe(3)
    page.body = 'y'
    await page.save({ expectVersion: 3, only: ['body'] })
    expect(await versionOf(page)).toBe(4)
    await expect(page.save({ expectVersion: 0 })).rejects.toThrow('must be a whole number above 0')
    await expect(new Page({ title: 'x' }).save({ expectVersion: 1 })).rejects.toThrow(UsageError)
  })

  it('can not be set by data or code', async () => {
    const page = await Page.create({ title: 'a' })
    expect(() => page.fill({ version: 5 } as never)).toThrow('guarded')
    await expect(Page.where('id', page.id).update({ version: 5 }, { guarded: true })).rejects.toThrow(
      'counts the writes of its row',
    )
    page.version = 5
    await expect(page.save()).rejects.toThrow('expectVersion')
    await page.refresh()
    expect((await Page.create({ title: 'restored', version: 7 }, { guarded: true })).version).toBe(7)
    expect(page.clone().version).toBe(1)
  })

  it('work with composite keys, other names and hidden fields', async () => {
    const one = await Cell.create({ sheet: 'a', place: 1 })
    const two = await Cell.create({ sheet: 'a', place: 2 })
    const cells = [one, two]
    expect(one.toJSON()).not.toHaveProperty('edition')
    await (await Cell.findOrFail({ sheet: 'a', place: 1 })).update({ text: 'theirs' })
    one.text = two.text = 'mine'
    expect(await staleOf(one.save())).toMatchObject({ key: { sheet: 'a', place: 1 }, expected: 1, current: 2 })
    expect((await staleOf(Cell.saveMany(cells))).stale).toEqual([
      { key: { sheet: 'a', place: 1 }, reason: 'changed', expected: 1, current: 2 },
    ])
    await one.refresh()
    one.text = 'mine'
    await Cell.saveMany(cells)
    expect(await Cell.query().orderBy('place').pluck('edition')).toEqual([3, 2])
  })
})
