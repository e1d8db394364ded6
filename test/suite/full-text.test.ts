import { Field, fn, Model, Relation, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Author extends Model({ name: Field.string() }, { table: 'search_authors' }) {
  static documents = Relation.hasMany(() => Document)
}
class Document extends Model(
  {
    title: Field.string(),
    body: Field.text({ nullable: true }),
    language: Field.string({ default: 'en' }),
    authorId: Field.foreignKey(() => Author, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  {
    table: 'search_documents',
    indexes: [
      { fields: ['title', 'body'], fullText: true },
      { fields: ['title'], fullText: { language: 'english' } },
    ],
    globalScopes: { public: (q) => q.where('language', '!=', 'xx') },
  },
) {
  static author = Relation.belongsTo(() => Author)
}

/** What each search finds in the corpus: the same in every database. */
const CORPUS = {
  wine: { title: 'Red wine of Béziers', body: 'A wine from the south of France, vin rouge.' },
  code: { title: 'C++ and Rust', body: "Don't use foo-bar or foo_baz; a:b is 3.14 (or 42)." },
  be: { title: 'To be or not to be', body: null },
  cafe: { title: 'Café Müller', body: 'EINE GROẞE KATZE, l’été à la plage. Mail: ann@example.com' },
  run: { title: 'Running is a run', body: 'She runs, he ran. https://example.com/a?b=c' },
  east: { title: 'Война и мир', body: '日本語 の 文 — 中文 هذا نص' },
  hindi: { title: 'हिन्दी भाषा', body: 'Łódź Ærø Øre ½' },
  wines: { title: 'White wines', body: 'The winery sells wines 😀 and words: OR, AND, NOT, NEAR' },
} as const
type Name = keyof typeof CORPUS
const FOUND: readonly (readonly [text: string, ...names: Name[]])[] = [
  ['wine', 'wine'],
  ['WINE', 'wine'],
  ['wine red', 'wine'],
  ['red wine of beziers', 'wine'],
  ['Be\u0301ziers', 'wine'],
  ['wine white'],
  ['wines', 'wines'],
  ['the', 'wine', 'wines'],
  ['a', 'wine', 'code', 'run', 'cafe'],
  ['to be', 'be'],
  ['c', 'code', 'run'],
  ['c++', 'code', 'run'],
  ['foo-bar', 'code'],
  ['foo', 'code'],
  ['bar', 'code'],
  ['baz_foo', 'code'],
  ['b:a', 'code', 'run'],
  ['3.14', 'code'],
  ['14', 'code'],
  ['42', 'code'],
  ['don’t', 'code'],
  ['muller cafe', 'cafe'],
  ['ete', 'cafe'],
  ['plage à', 'cafe'],
  ['example', 'cafe', 'run'],
  ['ann@example.com', 'cafe'],
  ['https://example.com', 'run'],
  ['ВОЙНА', 'east'],
  ['мир и', 'east'],
  ['日本語', 'east'],
  ['日本'],
  ['中文', 'east'],
  ['نص', 'east'],
  ['हिन्दी', 'hindi'],
  ['Łódź', 'hindi'],
  ['łodz', 'hindi'],
  ['lodz'],
  ['øre', 'hindi'],
  ['ore'],
  ['or', 'code', 'be', 'wines'],
  ['NOT', 'be', 'wines'],
  ['wines OR nothing'],
  ['wines -white', 'wines'],
  ['near(wines, 2)'],
  ['NEAR wines', 'wines'],
  ['"white wines"', 'wines'],
  ['"wines white"', 'wines'],
  ['title:white'],
  ['win*'],
  ['^red', 'wine'],
  ['red & wine', 'wine'],
  ['red | white'],
  ['!red', 'wine'],
  ['+red -wine ~of <from >the', 'wine'],
  ["red' wine\\", 'wine'],
  ['red;wine%_', 'wine'],
  ['{red} [wine] $1 ? :x @y'],
  ['red 😀 wine', 'wine'],
]

const titles = (rows: readonly { title: string }[]) => rows.map(({ title }) => title)
const both = ['title', 'body'] as const

describeDatabases('matches()', (database) => {
  describe('of documents', () => {
    database.useTables([Author, Document])
    const fill = async () => {
      await Document.insertMany(Object.values(CORPUS))
    }
    const search = (text: string, options?: { prefix?: boolean }) => Document.query().matches(both, text, options)
    const found = async (query: { pluck(key: 'title'): Promise<string[]> }) => {
      const rows = await query.pluck('title')
      return Object.entries(CORPUS)
        .filter(([, { title }]) => rows.includes(title))
        .map(([name]) => name)
    }

    it('finds the same rows in every database', async () => {
      await fill()
      for (const [text, ...names] of FOUND) {
        const wanted = Object.keys(CORPUS).filter((name) => names.includes(name as Name))
        expect([text, await found(search(text))]).toEqual([text, wanted])
        expect([text, await Document.query().matches(both, text).count()]).toEqual([text, wanted.length])
      }
    })

    it('takes the last word as the beginning of words, if it is asked to', async () => {
      await fill()
      const prefix = { prefix: true }
      expect(await found(search('win', prefix))).toEqual(['wine', 'wines'])
      expect(await found(search('win white', prefix))).toEqual([])
      expect(await found(search('white win', prefix))).toEqual(['wines'])
      expect(await found(search('wines wine', prefix))).toEqual(['wines'])
      expect(await found(search('winery wines winery', prefix))).toEqual(['wines'])
      expect(await found(search('bezi', prefix))).toEqual(['wine'])
      expect(await found(search('b', prefix))).toEqual(['wine', 'code', 'be', 'run'])
      expect(await found(search('日', prefix))).toEqual(['east'])
      expect(await found(search('win*', prefix))).toEqual(['wine', 'wines'])
      expect(await found(search('', prefix))).toEqual([])
      expect(await found(search('win'))).toEqual([])
    })

    it('leaves out common words of a language', async () => {
      await fill()
      const english = (text: string, options?: { prefix?: boolean }) => Document.query().matches('title', text, options)
      expect(await found(english('the red of a'))).toEqual(['wine'])
      expect(await found(english('to be or not to be'))).toEqual([])
      expect(await found(english("don't"))).toEqual([])
      expect(await found(english('the rust'))).toEqual(['code'])
      expect(await found(english('red the', { prefix: true }))).toEqual(['wine'])
      expect(await found(english('the', { prefix: true }))).toEqual([])
    })

    it('finds the forms of an English word together where the database knows them', async () => {
      await fill()
      const english = (text: string, options?: { prefix?: boolean }) => Document.query().matches('title', text, options)
      const { knowsEnglish } = database.facts
      expect(await found(english('wine'))).toEqual(knowsEnglish ? ['wine', 'wines'] : ['wine'])
      expect(await found(english('runs'))).toEqual(knowsEnglish ? ['run'] : [])
      expect(await found(english('running', { prefix: true }))).toEqual(['run'])
      expect(await found(search('runs'))).toEqual(['run'])
      expect(await found(search('wine'))).toEqual(['wine'])
    })

    it('gives the rank, and the best rows first', async () => {
      await Document.insertMany([
        { title: 'one', body: 'apple pear plum cherry grape melon lemon orange peach' },
        { title: 'two', body: 'apple apple apple' },
        { title: 'three', body: 'pear' },
      ])
      const rows = await search('apple')
      expect(titles(rows)).toEqual(['two', 'one'])
      expect(rows[0]).toBeInstanceOf(Document)
      expect(rows[0]?.isDirty()).toBe(false)
      const [best = 0, other = 0] = rows.map(({ rank }) => rank)
      expect(best).toBeGreaterThan(other)
      expect(other).toBeGreaterThan(0)
      expect(JSON.parse(JSON.stringify(rows[1]))).toMatchObject({ title: 'one', rank: other })
      expect(await search('apple').values('title', 'rank')).toEqual([
        { title: 'two', rank: best },
        { title: 'one', rank: other },
      ])
      expect(await search('apple').max('rank')).toBe(best)
      expect(titles(await search('apple').where('rank', '<', best))).toEqual(['one'])
      expect(await search('apple').select('title').get()).toMatchObject([{ title: 'two' }, { title: 'one' }])
    })

    it('keeps an order that the query has, and orders rows of one rank by their key', async () => {
      await Document.insertMany(['c', 'a', 'b'].map((title) => ({ title, body: 'same' })))
      expect(titles(await search('same'))).toEqual(['c', 'a', 'b'])
      expect(titles(await search('same').orderBy('title'))).toEqual(['a', 'b', 'c'])
      expect(titles(await Document.query().orderBy('-title').matches(both, 'same'))).toEqual(['c', 'b', 'a'])
      expect(titles(await search('same').orderBy('-rank').orderBy('-title'))).toEqual(['c', 'b', 'a'])
      expect((await search('same').first())?.title).toBe('c')
      expect((await search('same').last())?.title).toBe('b')
    })

    it('goes on page by page, and in batches', async () => {
      await Document.insertMany(Array.from({ length: 15 }, (_, i) => ({ title: `n${i}`, body: 'same' })))
      const page = await search('same').paginate({ page: 2, size: 6 })
      expect([titles(page.items), page.total, page.pages]).toEqual([['n6', 'n7', 'n8', 'n9', 'n10', 'n11'], 15, 3])
      expect(page.items[0]?.rank).toBeGreaterThan(0)
      expect(titles(await search('same').page(3, 6))).toEqual(['n12', 'n13', 'n14'])
      const first = await search('same').orderBy('id').cursorPaginate({ size: 10 })
      const next = await search('same').orderBy('id').cursorPaginate({ size: 10, after: first.nextCursor })
      expect(titles([...first.items, ...next.items])).toHaveLength(15)
      const all: string[] = []
      for await (const rows of search('same').orderBy('id').batches(4)) all.push(...titles(rows))
      expect(all).toHaveLength(15)
    })

    it('searches among the rows that conditions, scopes and soft deletes leave', async () => {
      await Document.insertMany([
        { title: 'a', body: 'same', language: 'xx' },
        { title: 'b', body: 'same', language: 'de' },
        { title: 'c', body: 'same' },
        { title: 'd', body: 'same' },
        { title: 'e', body: 'other' },
      ])
      await Document.where('title', 'd').delete()
      expect(titles(await search('same'))).toEqual(['b', 'c'])
      expect(titles(await search('same').withTrashed())).toEqual(['b', 'c', 'd'])
      expect(titles(await search('same').withoutGlobalScopes())).toEqual(['a', 'b', 'c', 'd'])
      expect(titles(await search('same').where('language', 'de'))).toEqual(['b'])
      const either = Document.where('title', 'e').orWhere('title', 'c')
      expect(titles(await either.matches(both, 'same'))).toEqual(['c'])
      expect(titles(await search('same').orWhere('title', 'e'))).toEqual([])
      expect(titles(await Document.query().whereNot('title', 'b').matches(both, 'same'))).toEqual(['c'])
      expect(await search('same').exists()).toBe(true)
      expect(await search('nothing').exists()).toBe(false)
    })

    it('works with joins, relations and the queries around it', async () => {
      const [ann, ben] = await Author.createMany([{ name: 'Ann' }, { name: 'Ben' }])
      await Document.insertMany([
        { title: 'a', body: 'wine', authorId: ann?.id ?? 0 },
        { title: 'b', body: 'wine wine wine', authorId: ann?.id ?? 0 },
        { title: 'c', body: 'beer', authorId: ben?.id ?? 0 },
        { title: 'd', body: 'wine' },
      ])
      expect(titles(await search('wine').where('author.name', 'Ann').orderBy('id'))).toEqual(['a', 'b'])
      const joined = search('wine')
        .join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'w' })
        .annotate({ by: (_, t) => t.w.name })
      expect((await joined).map(({ title, by }) => [title, by])).toEqual([
        ['b', 'Ann'],
        ['a', 'Ann'],
      ])
      expect((await search('wine').with('author').orderBy('id')).map(({ author }) => author?.name)).toEqual([
        'Ann',
        'Ann',
        undefined,
      ])
      const authors = await Author.query()
        .orderBy('name')
        .with({ documents: (q) => q.matches(both, 'wine').limit(1) })
      expect(authors.map(({ documents }) => titles([...documents]))).toEqual([['b'], []])
      expect(authors[0]?.documents[0]?.rank).toBeGreaterThan(0)
      expect(await ann?.related('documents').matches(both, 'wine').pluck('title')).toEqual(['b', 'a'])
      expect(
        await Author.query()
          .whereHas('documents', (q) => q.matches(both, 'beer'))
          .pluck('name'),
      ).toEqual(['Ben'])
      expect(
        await Author.query()
          .whereDoesntHave('documents', (q) => q.matches(both, 'wine'))
          .pluck('name'),
      ).toEqual(['Ben'])
      const counts = await Author.query()
        .orderBy('name')
        .withCount({ documents: { where: (q) => q.matches(both, 'wine') } })
      expect(counts.map(({ documentsCount }) => documentsCount)).toEqual([2, 0])
      expect(await Document.query().from(search('wine')).orderBy('title').pluck('title')).toEqual(['a', 'b', 'd'])
      expect(await Document.query().whereIn('id', search('beer').select('id')).pluck('title')).toEqual(['c'])
      const union = search('wine').select('title').union(search('beer').select('title')).orderBy('title')
      expect(await union.pluck('title')).toEqual(['a', 'b', 'c', 'd'])
    })

    it('can be changed or deleted', async () => {
      await Document.insertMany(['a', 'b', 'c'].map((title) => ({ title, body: title === 'c' ? 'beer' : 'wine' })))
      expect(await search('wine').update({ language: 'de' })).toBe(2)
      expect(await search('wine').where('language', 'de').count()).toBe(2)
      expect(await search('wine').update({ body: 'water' })).toBe(2)
      expect(await search('wine').count()).toBe(0)
      expect(await search('water').forceDelete()).toBe(2)
      expect(await Document.query().pluck('title')).toEqual(['c'])
    })

    it('has one SQL text for all searches', async () => {
      await fill()
      const { events } = await recordQueries(async () => {
        await search('wine')
        await search('red "wine" of')
        await search('')
      })
      expect(new Set(events.map(({ sql }) => sql)).size).toBe(1)
    })

    it('reports a missing index and wrong arguments', async () => {
      const query = Document.query() as any
      const refused = (message: string, ...args: unknown[]) => {
        expect(() => query.matches(...args)).toThrow(UsageError)
        expect(() => query.matches(...args)).toThrow(message)
      }
      refused(
        `matches() needs a full-text index over exactly these fields of "Document". Add it to the options of the model: { indexes: [{ fields: ['body'], fullText: true }] }.`,
        'body',
        'a',
      )
      refused('needs a full-text index', ['title', 'language'], 'a')
      refused('takes the names of the fields', [], 'a')
      refused('takes the names of the fields', undefined, 'a')
      refused('no field', ['title', 'nothing'], 'a')
      refused('as a string', both, 7)
      refused('as a string', both, undefined)
      refused('as a string', both, null)
      refused('as a string', both, ['a'])
      refused('"prefix"', both, 'a', { prefix: 'yes' })
      refused('"limit"', both, 'a', { limit: 3 })
      expect(() => query.matches(both, 'a').matches(both, 'b')).toThrow(`matches() can't name a value "rank"`)
      expect(() => query.from(query).matches(both, 'a')).toThrow('Call it before from() or a union')
      expect(() => query.union(query).matches(both, 'a')).toThrow('Call it before from() or a union')
      expect(() => query.matches(['body', 'title'], 'a')).not.toThrow()
    })

    it('is in both queries of a union, or in a condition', async () => {
      await fill()
      const query = () => Document.query()
      const all = (await search('wine')).length
      expect(all).toBeGreaterThan(0)
      const twice = query().matches(both, 'wine').unionAll(query().matches(both, 'wine'))
      expect((await twice.orderBy('-rank')).length).toBe(2 * all)
      const found = query().matches(both, 'wine').select('id')
      expect((await query().whereIn('id', found).union(query().whereNotIn('id', found))).length).toBe(
        await query().count(),
      )
      const message = 'One query of the union has "rank", which a search adds to its rows, and the other one has not.'
      for (const lone of [
        () => query().union(query().matches(both, 'wine') as any),
        () =>
          query()
            .matches(both, 'wine')
            .union(query() as any),
        () =>
          query()
            .matches(both, 'a')
            .union(query().matches(both, 'b'))
            .union(query() as any),
      ]) {
        expect(() => lone().toSQL()).toThrow(UsageError)
        expect(() => lone().toSQL()).toThrow(message)
      }
    })

    it('goes with values that take a query for each row', async () => {
      await fill()
      const found = await search('wine').orderBy('id')
      const query = search('wine').annotate({
        before: (c) =>
          Document.query()
            .where((d) => d.id.lt(c.id))
            .annotate({ k: fn.count() })
            .select('k'),
      })
      const rows = await query.where('before', '>=', 0).where('before', '<', 1000).orderBy('before', '-rank')
      expect(rows.map(({ id, rank }) => [id, rank])).toEqual(found.map(({ id, rank }) => [id, rank]))
      expect(await query.where('before', '>=', 0).where('rank', '>', 0).count()).toBe(
        found.filter(({ rank }) => rank > 0).length,
      )
    })

    it('sees the rows of a transaction where the database can', async () => {
      const { seesUncommitted } = database.capabilities.fullText
      await database.db.transaction(async () => {
        await Document.create({ title: 'new', body: 'wine' })
        expect(await search('wine').count()).toBe(seesUncommitted ? 1 : 0)
      })
      expect(await search('wine').count()).toBe(1)
    })
  })
})
