import { contains, Field, like, Model, oneOf, sql, startsWith } from 'corm'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { hostileTexts } from '../support/hostile.js'
import { Canary } from '../support/items.js'

class Letter extends Model({
  text: Field.text(),
  other: Field.text({ default: '' }),
  place: Field.integer({ default: 0 }),
  data: Field.json<unknown>({ nullable: true }),
}) {}

const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 20)}… (${text.length})` : text)

describeDatabases('hostile values', (database) => {
  // not emptied before each test: the corpus is stored once
  beforeAll(async () => {
    await database.db.createTables([Letter, Canary])
    await Canary.create({ word: 'alive' })
    await Letter.insertMany(hostileTexts.map((text, place) => ({ text, other: `${text}'`, place })))
  })
  const intact = async () => {
    expect(await Canary.query().pluck('word')).toEqual(['alive'])
    expect(await Letter.count()).toBe(hostileTexts.length)
  }

  it('are stored to the letter by insertMany', async () => {
    const stored = await Letter.query().orderBy('place').values('text', 'other')
    expect(stored).toEqual(hostileTexts.map((text) => ({ text, other: `${text}'` })))
    await intact()
  })

  it('are found, each by itself only, in one statement text', async () => {
    const { events } = await recordQueries(async () => {
      for (const [place, text] of hostileTexts.entries())
        expect(await Letter.where('text', text).pluck('place'), shown(text)).toEqual([place])
    })
    expect(new Set(events.map((event) => event.sql)).size).toBe(1)
    await intact()
  })

  const ways: [string, (text: string) => PromiseLike<unknown[]>][] = [
    ['an object', (text) => Letter.where({ text, other: `${text}'` }).pluck('place')],
    ['an operator', (text) => Letter.where('text', '>=', text).where('text', '<=', text).pluck('place')],
    ['a list', (text) => Letter.query().whereIn('text', [text, 'no such text', text]).pluck('place')],
    ['a list of a helper', (text) => Letter.where({ text: oneOf([text, 'no such text']) }).pluck('place')],
    ['a range', (text) => Letter.query().whereBetween('text', [text, text]).pluck('place')],
    ['a predicate', (text) => Letter.where((c) => c.text.eq(text).and(c.other.ne(text))).pluck('place')],
    ['a subquery', (text) => Letter.query().whereIn('id', Letter.where('text', text).select('id')).pluck('place')],
    ['an sql template', (text) => Letter.query().whereRaw(sql`${Letter.columns.text} = ${text}`).pluck('place')],
    ['findBy()', async (text) => [(await Letter.findBy({ text }))?.place]],
    [
      'a template of the whole',
      async (text) =>
        (await Letter.raw(sql`select id, place from letters where text = ${text}`)).map((letter) => letter.place),
    ],
  ]
  it.each(ways)('are found by %s', async (_, find) => {
    for (const [place, text] of hostileTexts.entries()) expect(await find(text), shown(text)).toEqual([place])
    await intact()
  })

  it('are literal in contains, startsWith and endsWith', async () => {
    for (const text of hostileTexts.filter((each) => each.length < 100)) {
      const places = (test: (each: string) => boolean) =>
        hostileTexts.flatMap((each, place) => (test(each) ? [place] : []))
      const found = (condition: object) =>
        Letter.where(condition as never)
          .orderBy('place')
          .pluck('place')
      expect(await found({ text: contains(text) }), shown(text)).toEqual(places((each) => each.includes(text)))
      expect(await found({ text: startsWith(text) }), shown(text)).toEqual(places((each) => each.startsWith(text)))
    }
    await intact()
  })

  it('never break a pattern of like, whatever they match', async () => {
    for (const text of hostileTexts.filter((each) => each.length < 100))
      expect(await Letter.where({ text: like(text) }).exists(), shown(text)).toBe(true)
    await intact()
  })

  it('are written by update, by create, and as JSON', async () => {
    const letter = await Letter.create({ text: 'x', place: -1 })
    for (const text of hostileTexts) {
      expect(
        await Letter.query()
          .whereKey(letter.id)
          .update({ text, data: { [text.slice(0, 50)]: text } }),
      ).toBe(1)
      const { data, text: stored } = (await Letter.find(letter.id))!
      expect(stored).toBe(text)
      expect(data).toEqual(Object.defineProperty({}, text.slice(0, 50), { value: text, enumerable: true }))
      letter.text = `${text}"`
      await letter.save()
      expect(await Letter.where('text', `${text}"`).where('place', -1).count(), shown(text)).toBe(1)
    }
    await letter.delete()
    await intact()
  })

  it('are deleted by themselves only', async () => {
    for (const text of hostileTexts.filter((_, place) => place % 7 === 0))
      expect(await Letter.where('text', text).where('place', '<', 0).delete(), shown(text)).toBe(0)
    await intact()
  })

  it('stay apart from the placeholders around them', async () => {
    for (const text of ['$1', '?', '$2', '??', ':a', '$$ ? $$', '-- ?', "'?'", '$10']) {
      const query = Letter.query()
        .whereRaw(sql`${Letter.columns.text} = ${text} and ${Letter.columns.other} = ${`${text}'`}`)
        .where('text', text)
        .where('other', `${text}'`)
      await Letter.create({ text, other: `${text}'`, place: -2 })
      expect(await query.where('place', -2).count(), text).toBe(1)
      await Letter.where('place', -2).delete()
    }
    await intact()
  })

  describe('in sql templates', () => {
    it('bind as values, wherever they stand', async () => {
      for (const text of hostileTexts) {
        const cast =
          database.kind === 'mysql' ? sql`cast(${text} as char character set utf8mb4)` : sql`cast(${text} as text)`
        const [row] = await database.db.select<{ value: string }>(sql`select ${cast} as ${sql.id('value')}`)
        expect(row, shown(text)).toEqual({ value: text })
      }
    })
  })
})
