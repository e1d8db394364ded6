import { Field, Model, UniqueViolationError, ValidationError, withLocale } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

class Post extends Model({
  title: Field.string({ max: 400 }),
  slug: Field.slug({ from: 'title', unique: true, max: 40 }),
  code: Field.string({ unique: true, nullable: true }),
  deletedAt: Field.softDelete(),
}) {}

class Page extends Model({
  first: Field.string(),
  second: Field.string({ nullable: true }),
  slug: Field.slug({ from: ['first', 'second'], unique: true, onUpdate: true }),
  path: Field.slug({ from: 'first', nullable: true, slugify: (text) => text.toUpperCase().replaceAll(' ', '_') }),
}) {}

class Dish extends Model({
  title: Field.translated(Field.string(), { locales: ['en', 'fr'], base: true }),
  slug: Field.slug({ from: 'title', unique: true, onUpdate: true }),
}) {}

class Draft extends Model({
  title: Field.string({ nullable: true }),
  slug: Field.slug({ from: 'title', unique: true, nullable: true, onUpdate: true }),
  path: Field.slug({ from: 'title', nullable: true }),
}) {}

const slugs = async () => Post.query().withTrashed().orderBy('id').pluck('slug')

describeDatabases('slugs of other fields', (database) => {
  database.useTables([Post, Page, Dish, Draft])

  it.each([
    ['Hello, World!', 'hello-world'],
    ['Привет мир', 'privet-mir'],
    ['Ünïcödé & Straße', 'uenicoede-and-strasse'],
    ['東京 2020', '2020'],
    ['東京', 'posts'],
    ['', 'posts'],
    ['-'.repeat(30), 'posts'],
    ['a'.repeat(100), 'a'.repeat(34)],
    [`${'word '.repeat(20)}`, 'word-word-word-word-word-word-word'],
  ])('%j becomes %j', async (title, slug) => {
    const post = await Post.create({ title })
    expect(post.slug).toBe(slug)
    expect(post.isDirty()).toBe(false)
    expect((await Post.findOrFail(post.id)).slug).toBe(slug)
    expect((await Post.create({ title })).slug).toBe(`${slug}-2`)
  })

  it('of a translated field are made of its text in the default language, or of another one', async () => {
    const dish = await withLocale('fr', () => Dish.create({ title: 'Pain', titleEn: 'Bread' }))
    expect(dish.slug).toBe('bread')
    expect((await withLocale('fr', () => Dish.create({ title: 'Soupe' }))).slug).toBe('soupe')
    await withLocale('fr', () => dish.update({ title: 'Le pain' }))
    expect(dish.slug).toBe('bread')
    await dish.update({ title: 'White bread' })
    expect(dish.slug).toBe('white-bread')
    expect(await Dish.insertMany([{ title: 'Soupe' }, { titleFr: 'Sel' }])).toBe(2)
    expect(await Dish.query().orderBy('id').pluck('slug')).toEqual(['white-bread', 'soupe', 'soupe-2', 'sel'])
  })

  it('get a number if a row has them, also one that is deleted', async () => {
    for (let i = 0; i < 11; i++) await Post.create({ title: 'News' })
    await Post.where('slug', 'news-3').delete()
    await Post.create({ title: 'News' })
    await Post.create({ title: 'News 7' })
    await Post.create({ title: 'News at ten' })
    await Post.create({ title: 'News' })
    expect((await slugs()).slice(9)).toEqual(['news-10', 'news-11', 'news-12', 'news-7-2', 'news-at-ten', 'news-13'])
  })

  it('of one batch are different', async () => {
    await Post.create({ title: 'A' })
    const posts = await Post.createMany(['A', 'A', 'B', 'B', 'A 2', 'C'].map((title) => ({ title })))
    expect(posts.map(({ slug }) => slug)).toEqual(['a-2', 'a-3', 'b', 'b-2', 'a-2-2', 'c'])
    const reversed = await Post.createMany(['E 2', 'E', 'E'].map((title) => ({ title })))
    expect(reversed.map(({ slug }) => slug)).toEqual(['e-2', 'e', 'e-3'])
    expect(await Post.insertMany([{ title: 'A' }, { title: 'A' }, { title: 'D' }, { title: 'x', slug: 'd-2' }])).toBe(4)
    expect((await slugs()).slice(-4)).toEqual(['a-4', 'a-5', 'd', 'd-2'])
    await Post.upsertMany([{ title: 'A', code: 'x' }], { conflict: 'code' })
    expect(await Post.upsert({ title: 'B', code: 'x' }, { conflict: 'code' })).toMatchObject({
      title: 'B',
      slug: 'a-6',
    })
    expect((await Post.firstOrCreate({ title: 'New' }))[0]?.slug).toBe('new')
  })

  it('are those of the data where they are given', async () => {
    expect((await Post.create({ title: 'A', slug: 'Other' })).slug).toBe('Other')
    await expect(Post.create({ title: 'A', slug: 'no slug' })).rejects.toThrow(ValidationError)
    await expect(Post.create({ title: 'A', slug: 'Other' })).rejects.toThrow(UniqueViolationError)
    const post = new Post({ title: 'A' })
    await expect(new Post({ title: 'A', code: 'a' }).save()).resolves.toMatchObject({ slug: 'a' })
    await expect(Post.create({ title: 'A', code: 'a' })).rejects.toThrow(UniqueViolationError)
    await post.save()
    expect(post.slug).toBe('a-2')
  })

  it('stay when the title changes, unless the field says otherwise', async () => {
    const post = await Post.create({ title: 'First' })
    await post.update({ title: 'Second' })
    expect((await Post.findOrFail(post.id)).slug).toBe('first')
    const page = await Page.create({ first: 'One' })
    expect(page).toMatchObject({ slug: 'one', path: 'ONE' })
    await Page.create({ first: 'One' })
    await page.update({ second: 'Two' })
    expect((await page.refresh()).slug).toBe('one-two')
    await page.update({ second: null })
    expect((await page.refresh()).slug).toBe('one')
    await page.update({ first: 'one' })
    expect((await page.refresh()).slug).toBe('one')
    await page.update({ first: 'Three', slug: 'mine' })
    expect((await page.refresh()).slug).toBe('mine')
    expect(page.path).toBe('ONE')
    const part = await Page.query().select('id', 'first').findOrFail(page.id)
    await part.update({ first: 'Four' })
    expect((await page.refresh()).slug).toBe('mine')
  })

  it('need not be loaded to save rows together', async () => {
    const { id } = await Page.create({ first: 'One' })
    await Page.create({ first: 'Two' })
    const one = (await Page.where('id', id).select('id', 'first').sole()) as unknown as Page
    const two = await Page.where('first', 'Two').sole()
    one.first = 'Other'
    two.first = 'Second'
    await Page.saveMany([one, two])
    expect(await Page.query().orderBy('id').pluck('slug')).toEqual(['one', 'second'])
    expect(await Page.query().orderBy('id').pluck('first')).toEqual(['Other', 'Second'])
  })

  it('of writes at the same time are different', async () => {
    const posts = await Promise.all(Array.from({ length: 4 }, () => Post.create({ title: 'Race' })))
    expect(posts.map(({ slug }) => slug).sort()).toEqual(['race', 'race-2', 'race-3', 'race-4'])
    expect(posts.every((post) => !post.isDirty() && post.isPersisted)).toBe(true)
  })

  it('of many writes at the same time are different, in transactions too', async () => {
    const alone = await Promise.all(Array.from({ length: 16 }, () => Post.create({ title: 'Crowd' })))
    expect(new Set(alone.map(({ slug }) => slug)).size).toBe(16)
    const inside = Array.from({ length: 7 }, () =>
      database.db.transaction(async () => {
        await Post.count()
        return Post.create({ title: 'Crowd' })
      }),
    )
    await Promise.all(inside)
    expect(new Set(await slugs()).size).toBe(23)
  })

  it('get a number if rows have them that a locked scope hides', async () => {
    let tenant: number | null = null
    class Notice extends Model(
      { title: Field.string(), slug: Field.slug({ from: 'title', unique: true }), tenant: Field.integer() },
      {
        table: 'slug_notices',
        globalScopes: { tenant: { locked: true, apply: (q) => (tenant === null ? q : q.where('tenant', tenant)) } },
      },
    ) {}
    await database.db.createTables([Notice])
    const made: string[] = []
    for (tenant = 1; tenant <= 14; tenant++) made.push((await Notice.create({ title: 'Hello', tenant })).slug)
    expect(made).toEqual(['hello', ...Array.from({ length: 13 }, (_, i) => `hello-${i + 2}`)])
    await database.db.dropTables([Notice])
  })

  it('are made again in the transaction of the write if another write was faster', async () => {
    let saves = 0
    class Slow extends Model(
      {
        title: Field.string(),
        slug: Field.slug({ from: 'title', unique: true }),
        code: Field.string({ nullable: true }),
      },
      { table: 'posts' },
    ) {
      override async afterInsert() {
        saves++
      }
    }
    await database.db.transaction(async () => {
      await Slow.create({ title: 'Inside' })
      await Slow.create({ title: 'Inside' })
      await database.db
        .transaction(async () => {
          await Slow.create({ title: 'Inside' })
          throw new Error('back')
        })
        .catch(() => undefined)
      expect((await Slow.create({ title: 'Inside' })).slug).toBe('inside-3')
    })
    expect(saves).toBe(4)
    expect(await slugs()).toEqual(['inside', 'inside-2', 'inside-3'])
  })

  it('are made again after a rollback', async () => {
    const fresh = new Post({ title: 'Back' })
    const given = new Post({ title: 'Back', slug: 'given' })
    const page = await Page.create({ first: 'One' })
    for (const savepoint of [false, true])
      await database.db.transaction(async (trx) => {
        const write = async () => {
          await Post.saveMany([fresh, given])
          await page.update({ first: 'Two' })
          expect([fresh.slug, given.slug, page.slug]).toEqual(['back', 'given', 'two'])
        }
        if (savepoint) await trx.transaction(write)
        else await write()
        trx.rollback()
      })
    expect([fresh.slug ?? null, given.slug, page.slug, page.first]).toEqual([null, 'given', 'one', 'Two'])
    await Post.create({ title: 'Back' })
    await Page.create({ first: 'Two' })
    await Post.saveMany([fresh, given])
    await page.save()
    expect([fresh.slug, given.slug, page.slug]).toEqual(['back-2', 'given', 'two-2'])
    await database.db.transaction(async (trx) => {
      await page.update({ first: 'Three' })
      page.slug = 'mine'
      trx.rollback()
    })
    expect([page.slug, page.isDirty('slug')]).toEqual(['mine', true])
  })

  it('see the title that a hook sets', async () => {
    class Hooked extends Model({ title: Field.string(), slug: Field.slug({ from: 'title' }) }, { table: 'posts' }) {
      override beforeSave() {
        this.title = 'By the hook'
      }
    }
    expect((await Hooked.create({ title: 'A' })).slug).toBe('by-the-hook')
  })

  it('are optional in the schema', () => {
    expect(Post.schema.insert.parse({ title: 'a' })).toEqual({ title: 'a' })
    expect(Post.schema.insert.safeParse({ title: 'a', slug: 'ä' }).success).toBe(false)
  })

  it('is null without a text, if the field can be null', async () => {
    const [none, named] = (await Draft.createMany([{}, { title: 'A' }, { title: null }])) as [Draft, Draft, Draft]
    expect(await Draft.insertMany([{}, { title: 'A' }, { title: '' }])).toBe(3)
    const read = () => Draft.query().orderBy('id').valuesList('slug', 'path')
    expect(await read()).toEqual([
      ...[
        [null, null],
        ['a', 'a'],
        [null, null],
        [null, null],
      ],
      ...[
        ['a-2', 'a'],
        ['drafts', 'drafts'],
      ],
    ])
    await none.update({ title: 'B' })
    await named.update({ title: null })
    expect([none.slug, none.path, named.slug, named.path]).toEqual(['b', null, null, 'a'])
    expect((await read()).slice(0, 2)).toEqual([
      ['b', null],
      [null, 'a'],
    ])
  })
})

it('slugs are made of texts', () => {
  expect(() => looseField.slug?.({ onUpdate: true })).toThrow('together with "from"')
  expect(() => looseField.slug?.({ from: 5 })).toThrow('must be a name or a list of names')
  for (const from of ['nothing', 'data', 'slug']) {
    class Wrong extends looseModel({ data: Field.json(), slug: looseField.slug?.({ from }) }) {}
    expect(() => (Wrong as any).query().toSQL()).toThrow()
  }
})
