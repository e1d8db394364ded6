import { Field, Model } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Article extends Model({
  title: Field.string(),
  views: Field.integer({ default: 7 }),
  body: Field.text({ lazy: true, default: 'long' }),
  notes: Field.json<string[]>({ lazy: true, default: ['a'] }),
  token: Field.string({ hidden: true, default: 'secret' }),
}) {}

describeDatabases('an instance that was loaded in part', (database) => {
  database.useTables([Article])
  beforeEach(() => Article.create({ title: 'Emma' }))

  it('is unchanged after it loads a field, and knows the field’s original from then on', async () => {
    const article = await Article.query().firstOrFail()
    await article.loadField('body')
    expect(article.isDirty()).toBe(false)
    expect(article.getChanges()).toEqual({})
    await expectQueries(0, () => article.save())
    article.body = 'short'
    expect(article.getChanges()).toEqual({ body: ['long', 'short'] })
    await article.save()
    expect(article.isDirty()).toBe(false)
    expect((await article.refresh()).body).toBe('short')
  })

  it('loads a field once, and keeps what was assigned to it', async () => {
    const article = await Article.query().firstOrFail()
    article.body = 'mine'
    await expectQueries(0, async () => expect(await article.loadField('body')).toBe('mine'))
    expect(article.isDirty('body')).toBe(true)
    await expectQueries(1, () => Promise.all([article.loadField('notes'), article.loadField('notes')]))
    article.notes.push('b')
    expect(await article.loadField('notes')).toEqual(['a', 'b'])
    article.title = 'Persuasion'
    expect(await article.loadField('title')).toBe('Persuasion')
    expect(article.isDirty('title')).toBe(true)
    await article.save()
    expect(await Article.query().valuesList('title', 'body', 'notes')).toEqual([['Persuasion', 'mine', ['a', 'b']]])
    await Article.where('id', article.id).update({ body: 'theirs' })
    expect(await article.loadField('body')).toBe('mine')
    expect((await article.refresh('body')).body).toBe('theirs')
  })

  it('keeps apart fields that load at the same time', async () => {
    const article = await Article.query().firstOrFail()
    await Promise.all([article.loadField('body'), article.loadField('notes'), article.refresh('views')])
    expect(article.isDirty()).toBe(false)
    expect([article.getOriginal('title'), article.getOriginal('body'), article.getOriginal('views')]).toEqual([
      'Emma',
      'long',
      7,
    ])
    article.notes.push('b')
    expect(article.getChanges()).toEqual({ notes: [['a'], ['a', 'b']] })
  })

  it('is unchanged after it saved a field that it never loaded', async () => {
    const article = (await Article.query().select('title').firstOrFail()) as unknown as Article
    article.views = 8
    article.token = 'new'
    await article.save()
    expect(article.isDirty()).toBe(false)
    await expectQueries(0, () => article.save())
    expect(Object.keys(article)).not.toContain('token')
    expect(await Article.query().valuesList('views', 'token')).toEqual([[8, 'new']])
    expect(() => article.body).toThrow('was not loaded')
  })

  it('is unchanged after it saved many such fields at once', async () => {
    await Article.create({ title: 'Persuasion' })
    const articles = await Article.query().orderBy('id')
    for (const article of articles) article.body = `about ${article.title}`
    await Article.saveMany(articles)
    expect(articles.some((article) => article.isDirty())).toBe(false)
    expect(await Article.query().orderBy('id').pluck('body')).toEqual(['about Emma', 'about Persuasion'])
  })
})
