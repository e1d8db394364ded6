import {
  CheckViolationError,
  DefinitionError,
  Field,
  fn,
  Model,
  Relation,
  setDefaultLocale,
  UsageError,
  ValidationError,
  withLocale,
} from 'corm'
import { afterEach, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

class Post extends Model(
  {
    title: Field.translated(Field.string(), { locales: ['en', 'fr', 'es'], base: true, index: 'shown' }),
    body: Field.translated(Field.text({ nullable: true }), { locales: ['en', 'fr'] }),
    kind: Field.string({ default: 'news' }),
  },
  { table: 'language_posts' },
) {
  static notes = Relation.hasMany(() => Note)
}
class Note extends Model(
  {
    code: Field.string({ unique: true }),
    text: Field.translated(Field.string(), { locales: ['en', 'fr'] }),
    label: Field.string({ nullable: true }),
    postId: Field.foreignKey(() => Post, { nullable: true }),
  },
  { table: 'language_notes' },
) {
  static post = Relation.belongsTo(() => Post)
}

class Copy extends Model(
  { place: Field.string(), postId: Field.foreignKey(() => Post) },
  { table: 'language_copies' },
) {
  static post = Relation.belongsTo(() => Post)
}

afterEach(() => setDefaultLocale('en'))

describeDatabases('translated fields', (database) => {
  database.useTables([Post, Note, Copy])

  async function seed() {
    await Post.createMany([
      { titleEn: 'b', titleFr: 'z' },
      { titleEn: 'c' },
      { titleEn: '', titleFr: 'a' },
      { titleEs: 'd', titleFr: '' },
    ])
  }
  const titles = async (query = Post.query()) => (await query.orderBy('title')).map((post) => post.title)

  it('orders rows that fall back among those that do not', async () => {
    await seed()
    expect(await titles()).toEqual(['a', 'b', 'c', 'd'])
    expect(await withLocale('fr', () => titles())).toEqual(['a', 'c', 'd', 'z'])
    expect(await withLocale('es', () => titles())).toEqual(['a', 'b', 'c', 'd'])
    expect(await withLocale('de', () => titles())).toEqual(['a', 'b', 'c', 'd'])
  })

  it('uses the same text in every step', async () => {
    await seed()
    await withLocale('fr', async () => {
      expect(await Post.where('title', 'z').count()).toBe(1)
      expect(await Post.where('title', 'b').count()).toBe(0)
      expect(await Post.where({ title: 'c' }).pluck('title')).toEqual(['c'])
      expect(
        await Post.where((c) => c.title.gt('c'))
          .orderBy('-title')
          .pluck('title'),
      ).toEqual(['z', 'd'])
      expect(await Post.query().orderBy('title').pluck('titleFr')).toEqual(['a', null, '', 'z'])
      expect(await Post.query().select('title').orderBy('title').first()).toMatchObject({ title: 'a' })
      expect(await Post.query().distinct().orderBy('title').pluck('title')).toEqual(['a', 'c', 'd', 'z'])
      expect(await Post.query().groupBy('title').orderBy('title').aggregate({ n: fn.count() })).toEqual(
        ['a', 'c', 'd', 'z'].map((title) => ({ title, n: 1 })),
      )
      expect(await Post.query().max('title')).toBe('z')
      expect(
        await Post.query()
          .annotate({ upper: (c) => c.title.upper() })
          .orderBy('upper')
          .pluck('upper'),
      ).toEqual(['A', 'C', 'D', 'Z'])
      expect(await Post.query().filter(['title', '=', 'z']).count()).toBe(1)
      expect((await Post.query().sort('-title').first())?.title).toBe('z')
      expect(await Post.query().whereIn('title', ['z', 'c']).count()).toBe(2)
      expect((await Post.query().values()).map((row) => row.title).sort()).toEqual(['a', 'c', 'd', 'z'])
    })
  })
  it('reads and writes the current language', async () => {
    const post = await withLocale('fr', () => Post.create({ title: 'un' }))
    expect({ ...post }).toMatchObject({ titleEn: null, titleFr: 'un', titleEs: null })
    expect(post.title).toBe('un')
    post.title = 'one'
    expect(withLocale('fr', () => post.title)).toBe('un')
    expect([post.title, post.titleEn, post.isDirty('title'), post.isDirty('body')]).toEqual(['one', 'one', true, false])
    expect(post.getChanges()).toEqual({ titleEn: [null, 'one'] })
    expect(post.getOriginal('title')).toBe('un')
    await post.save({ only: ['title'] })
    await withLocale('es', () => post.update({ title: 'uno' }))
    // no column: the one without a language
    await withLocale('de', () => post.update({ title: 'eins' }))
    const loaded = await Post.findOrFail(post.id)
    expect({ ...loaded }).toMatchObject({ titleEn: 'eins', titleFr: 'un', titleEs: 'uno' })
    await withLocale('fr', () => Post.query().whereKey(post.id).update({ title: 'deux', titleEs: 'dos' }))
    expect(await Post.query().whereKey(post.id).valuesList('titleEn', 'titleFr', 'titleEs')).toEqual([
      ['eins', 'deux', 'dos'],
    ])
    expect(await withLocale('de-AT', async () => (await post.refresh()).title)).toBe('eins')
    expect(await withLocale('fr-CA', async () => post.title)).toBe('deux')
  })

  it('has one text or all in JSON', async () => {
    const post = await Post.create({ title: 'one', titleFr: 'un', bodyFr: 'corps' })
    const row = { id: post.id, kind: 'news', body: 'corps' }
    expect(withLocale('fr', () => JSON.parse(JSON.stringify([post])))).toEqual([{ ...row, title: 'un' }])
    const all = { titleEn: 'one', titleFr: 'un', titleEs: null, bodyEn: null, bodyFr: 'corps', title: 'one' }
    expect(post.toJSON({ locales: 'all' })).toEqual({ ...row, ...all })
    expect(post.toObject({ locales: 'all' })).toEqual({ ...row, ...all })
    expect(() => post.toJSON({ locales: 'fr' } as never)).toThrow(UsageError)
  })

  it('takes the text of a language before that of the current one', async () => {
    const post = await withLocale('fr', () => Post.create({ title: 'x', titleFr: 'un' }))
    expect(post.titleFr).toBe('un')
    await expect(Post.create({})).rejects.toMatchObject({ issues: [{ path: 'title', code: 'required' }] })
    await expect(Post.create({ title: '' })).rejects.toBeInstanceOf(ValidationError)
    await expect(post.update({ titleFr: null })).rejects.toBeInstanceOf(ValidationError)
    await expect(Post.query().whereKey(post.id).update({ titleFr: '' })).rejects.toBeInstanceOf(CheckViolationError)
    await expect(withLocale('de', () => Post.create({ title: 'x', body: 'y' }))).rejects.toBeInstanceOf(UsageError)
  })

  it('falls back to the default language', async () => {
    const post = await Post.create({ titleFr: 'un', titleEs: 'uno' })
    expect(post.title).toBe('un')
    setDefaultLocale('es')
    expect(post.title).toBe('uno')
    expect(await Post.where('title', 'uno').pluck('title')).toEqual(['uno'])
    expect(withLocale('de', () => post.title)).toBe('uno')
    expect(() => setDefaultLocale('')).toThrow(UsageError)
    expect(() => withLocale('%', () => 1)).toThrow(UsageError)
  })

  it('keeps concurrent requests apart', async () => {
    await seed()
    const locales = ['en', 'fr', 'es', 'de']
    const runs = Array.from({ length: 40 }, (_, i) => locales[i % 4] as string)
    const read = (locale: string) =>
      withLocale(locale, async () => {
        const first = await titles()
        const found = await Post.query().whereIn('title', first).orderBy('title').get()
        return found.map((post) => post.title).join('')
      })
    const expected = { en: 'abcd', fr: 'acdz', es: 'abcd', de: 'abcd' } as Record<string, string>
    expect(await Promise.all(runs.map(read))).toEqual(runs.map((locale) => expected[locale]))
  })

  it('keeps one statement for each order of the columns, not for each language', async () => {
    await seed()
    const query = Post.query().orderBy('title')
    const sql = (locale: string) => withLocale(locale, () => query.toSQL().sql)
    expect(sql('de')).toBe(sql('en'))
    expect(sql('fr')).not.toBe(sql('en'))
    for (const locale of ['fr', 'en', 'fr', 'xx']) expect((await withLocale(locale, () => query.get())).length).toBe(4)
  })

  it('continues pages and streams in one language only', async () => {
    await seed()
    const page = (locale: string, after: string | null) =>
      withLocale(locale, () => Post.query().orderBy('title').cursorPaginate({ size: 2, after }))
    const first = await page('fr', null)
    const rest = await page('fr', first.nextCursor)
    expect(withLocale('fr', () => [...first.items, ...rest.items].map((post) => post.title))).toEqual([
      'a',
      'c',
      'd',
      'z',
    ])
    await expect(page('en', first.nextCursor)).rejects.toThrow()
    const stream = withLocale('fr', () => Post.query().orderBy('title').stream({ chunkSize: 1 }))
    const seen: unknown[] = []
    await withLocale('en', async () => {
      for await (const post of stream) seen.push(post.titleFr || post.titleEn || post.titleEs)
    })
    expect(seen).toEqual(['a', 'c', 'd', 'z'])
  })

  it('continues pages in one language by names that are made of texts of related rows', async () => {
    await seed()
    await Copy.insertMany((await Post.all()).map(({ id }) => ({ place: `p${id}`, postId: id })))
    const copies = Copy.query()
      .annotate({ shown: (c) => c.post.title })
      .annotate({ label: (c) => c.shown.concat('!') })
      .orderBy('label')
    const page = (locale: string, after: string | null) =>
      withLocale(locale, () => copies.cursorPaginate({ size: 2, after }))
    const first = await page('fr', null)
    const rest = await page('fr', first.nextCursor)
    expect([...first.items, ...rest.items].map(({ label }) => label)).toEqual(['a!', 'c!', 'd!', 'z!'])
    await expect(page('en', first.nextCursor)).rejects.toBeInstanceOf(ValidationError)
  })

  it('runs a query that the work returns in its language', async () => {
    await seed()
    const query = Post.query().orderBy('title')
    expect((await withLocale('fr', () => query)).map((post) => post.titleFr || post.titleEn || post.titleEs)).toEqual([
      'a',
      'c',
      'd',
      'z',
    ])
    const union = Post.where('title', 'z').union(Post.where('title', 'c')).orderBy('-title')
    expect((await withLocale('fr', () => union)).map((post) => post.titleFr || post.titleEn)).toEqual(['z', 'c'])
    expect(await withLocale('fr', () => Post.where('title', 'z'))).toHaveLength(1)
    expect(await withLocale('en', () => Post.where('title', 'z'))).toHaveLength(0)
  })

  it('leaves rows as they are when it loads them', async () => {
    await seed()
    const post = await withLocale('fr', () => Post.query().orderBy('id').firstOrFail())
    expect({ ...post }).toMatchObject({ titleEn: 'b', titleFr: 'z', titleEs: null })
    expect(post.isDirty()).toBe(false)
    expect((await recordQueries(() => post.save())).events).toEqual([])
  })

  it('validates data with a schema', async () => {
    expect(Post.schema.insert.safeParse({ title: 'x' }).success).toBe(true)
    expect(Post.schema.insert.safeParse({ titleFr: 'x' }).success).toBe(true)
    expect(Post.schema.insert.safeParse({ title: 1 }).success).toBe(false)
    expect(Post.schema.update.safeParse({ title: null }).success).toBe(false)
    expect(Post.schema.update.safeParse({ titleFr: null, body: null }).success).toBe(true)
  })

  it('refuses definitions that mean nothing', () => {
    const define =
      (...args: unknown[]) =>
      () =>
        looseField.translated?.(...args)
    expect(define(Field.integer(), { locales: ['en'] })).toThrow(DefinitionError)
    expect(define(Field.string(), { locales: [] })).toThrow(DefinitionError)
    expect(define(Field.string(), { locales: ['en', 'EN'] })).toThrow(DefinitionError)
    expect(define(Field.string({ default: 'x' }), { locales: ['en'] })).toThrow(DefinitionError)
    expect(define('x', { locales: ['en'] })).toThrow(DefinitionError)
    expect(() =>
      looseModel({ titleEn: Field.string(), title: Field.translated(Field.string(), { locales: ['en'] }) }),
    ).toThrow(DefinitionError)
    expect(() =>
      looseModel({ title: Field.translated(Field.string(), { locales: ['en'] }), titleEn: Field.computed(() => 1) }),
    ).toThrow(DefinitionError)
    const indexed: any = looseModel(
      { title: Field.translated(Field.string(), { locales: ['en'] }) },
      { table: 'language_posts', uniques: [['title']] },
    )
    class Indexed extends indexed {}
    expect(() => database.db.validate([Indexed as any])).toThrow('which is translated')
  })

  it('is refused where only a column will do', async () => {
    const query: any = Post.query()
    await expect(query.increment('title')).rejects.toThrow('translated')
  })
  it('finds the rows that lack a language', async () => {
    await seed()
    await Post.create({ title: 'e', titleFr: 'e', titleEs: 'e', bodyEn: 'x' })
    const missing = (locale: string, field?: 'title' | 'body') =>
      Post.missingTranslations(locale, field).orderBy('id').pluck('title')
    expect(await missing('fr', 'title')).toEqual(['c', 'd'])
    expect(await missing('fr', 'body')).toEqual(['e'])
    expect(await missing('fr')).toEqual(['c', 'd', 'e'])
    expect(await Post.missingTranslations('es').count()).toBe(3)
    expect(() => Post.missingTranslations('de')).toThrow(UsageError)
    expect(() => Post.missingTranslations('es', 'body')).toThrow(UsageError)
    expect(() => Post.missingTranslations('es', 'kind')).toThrow(UsageError)
    const hidden: any = looseModel(
      { title: Field.translated(Field.string(), { locales: ['en', 'fr', 'es'], base: true }) },
      { table: 'language_posts', globalScopes: { few: (query: any) => query.where('title', 'c') } },
    )
    class Few extends hidden {}
    expect(await (Few as any).missingTranslations('fr').pluck('title')).toEqual(['c'])
  })
  it('works in writes of many rows', async () => {
    await withLocale('fr', () =>
      Note.insertMany([
        { code: 'a', text: 'un' },
        { code: 'b', text: 'x', textFr: 'deux' },
      ]),
    )
    expect(await Note.query().orderBy('code').valuesList('textEn', 'textFr')).toEqual([
      [null, 'un'],
      [null, 'deux'],
    ])
    await withLocale('fr', () => Note.upsert({ code: 'a', text: 'trois' }, { conflict: 'code' }))
    await withLocale('fr', () =>
      Note.upsertMany([{ code: 'b', text: 'quatre' }], { conflict: 'code', update: ['text'] }),
    )
    expect(await Note.query().orderBy('code').pluck('textFr')).toEqual(['trois', 'quatre'])
    await Note.query().all().update({ text: 'one' })
    const shown = (locale: string) =>
      withLocale(locale, () =>
        Note.upsert({ code: 'a', text: 'x' }, { conflict: 'code', update: (c) => ({ label: c.text }) }),
      )
    expect([(await shown('en')).label, (await shown('fr')).label]).toEqual(['one', 'trois'])
    const [first, created] = await Note.firstOrCreate({ text: 'one', code: 'a' })
    expect([first.code, created]).toEqual(['a', false])
  })

  it('is the text of related rows too', async () => {
    await seed()
    const post = await Post.where('titleFr', 'z').sole()
    const other = await Post.where('titleFr', 'a').sole()
    await Note.insertMany([
      { code: 'n', text: 'n', textFr: 'y', postId: post.id },
      { code: 'm', text: 'm', postId: post.id },
      { code: 'o', text: 'o', postId: other.id },
    ])
    const read = () =>
      Post.query()
        .with({ notes: (query) => query.orderBy('text') })
        .where('notes.text', 'in', ['y', 'n'])
        .sole()
    for (const [locale, order] of [
      ['en', 'mn'],
      ['fr', 'my'],
      ['en', 'mn'],
    ] as const)
      await withLocale(locale, async () => {
        expect((await read()).notes.map((note) => note.text).join('')).toBe(order)
        const titles = await Note.query().orderBy('post.title').orderBy('text').valuesList('text', 'post.title')
        expect(titles.map((row) => row.join('')).join()).toBe(locale === 'en' ? 'oa,mb,nb' : 'oa,mz,yz')
        const cased = Note.query().annotate({ both: (c) => c.post.title.concat(c.text) })
        expect(await cased.orderBy('both').pluck('both')).toEqual(
          locale === 'en' ? ['ao', 'bm', 'bn'] : ['ao', 'zm', 'zy'],
        )
        expect(
          await Post.query()
            .where((c) => c.title.eq('z'))
            .count(),
        ).toBe(locale === 'en' ? 0 : 1)
      })
    const nested = await withLocale('fr', () =>
      Post.createWithRelations({ title: 'p', notes: [{ code: 'q', text: 'q' }] }),
    )
    expect([nested.titleFr, nested.notes[0]?.textFr]).toEqual(['p', 'q'])
  })
  it('is the value of a query in a query', async () => {
    await seed()
    const ids = new Map((await Post.all()).map((post) => [post.titleFr, post.id]))
    await Note.insertMany([
      { code: 'n', text: 'b', textFr: 'a', postId: ids.get('z') },
      { code: 'm', text: 'c', textFr: 'z', postId: ids.get('a') },
    ])
    const query = Post.query().whereIn('title', Note.query().select('text')).orderBy('title')
    expect(await query.pluck('title')).toEqual(['b', 'c'])
    expect(await withLocale('fr', () => query.pluck('title'))).toEqual(['a', 'z'])
    const first = Note.query().orderBy('text').limit(1)
    expect(await Post.where('title', first.select('text')).pluck('title')).toEqual(['b'])
    expect(await withLocale('fr', () => Post.where('title', first.select('text')).pluck('title'))).toEqual(['a'])
    // two languages by name are two fields
    const both: any = Note.query().select('textEn', 'textFr')
    expect(() => Post.query().whereIn('title', both)).toThrow('selects one field')
    expect(() =>
      Post.query().whereIn('title', (Note.query().select('text') as any).omit('textEn').selectAll()),
    ).toThrow('selects one field')
  })
  it('is a column of a query that is joined', async () => {
    await seed()
    const posts = await Post.query().orderBy('id')
    await Note.insertMany(posts.map(({ id }) => ({ code: `n${id}`, text: 'n', postId: id })))
    const joined = Note.query()
      .join(Post.query().select('title'), (c, t) => c.postId.eq(t.id), { alias: 'shown' })
      .where((_, t) => t.shown.title.gt('b'))
      .annotate({ heading: (_, t) => t.shown.title })
      .orderBy('heading')
    expect(await joined.pluck('heading')).toEqual(['c', 'd'])
    expect(await withLocale('fr', () => joined.pluck('heading'))).toEqual(['c', 'd', 'z'])
    const one = Post.query().select('titleFr')
    expect(() =>
      Note.query()
        .join(one, (c, t) => c.postId.eq(t.id), { alias: 'one' })
        .where((_, t: any) => t.one.title.gt('b')),
    ).toThrow('has no column')
  })
})
