import { DefinitionError, Field, Model, setDefaultLocale, UsageError, withLocale } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

class Recipe extends Model(
  {
    name: Field.translated(Field.string(), { locales: ['en', 'pt-BR'] }),
    steps: Field.translated(Field.text({ nullable: true }), { locales: ['en', 'pt-BR'] }),
    code: Field.string({ nullable: true }),
  },
  {
    table: 'search_recipes',
    indexes: [
      { fields: ['name', 'steps'], fullText: { weights: { name: 5 }, language: { en: 'english' } } },
      { fields: ['name', 'code'], fullText: true, name: 'recipes_named' },
    ],
  },
) {}

afterEach(() => setDefaultLocale('en'))

describeDatabases('full-text search of translated fields', (database) => {
  database.useTables([Recipe])

  beforeEach(async () => {
    await Recipe.createMany([
      { nameEn: 'bread', namePtBR: 'pao', code: 'first' },
      { nameEn: 'soup', namePtBR: 'sopa', stepsEn: 'cut bread', stepsPtBR: 'cortar queijo', code: 'second' },
      { nameEn: 'cheese', code: 'third' },
    ])
  })
  const find = async (text: string, fields: readonly string[] = ['name', 'steps']) =>
    (await (Recipe.query() as any).matches(fields, text).orderBy('id').pluck('nameEn')) as string[]

  it('searches the columns of the current language', async () => {
    expect(await find('bread')).toEqual(['bread', 'soup'])
    expect(await withLocale('pt-BR', () => find('queijo'))).toEqual(['soup'])
    expect(await withLocale('pt-BR', () => find('bread'))).toEqual([])
    expect(await find('queijo')).toEqual([])
    // in any order, and next to a field that is not translated
    expect(await find('bread', ['steps', 'name'])).toEqual(['bread', 'soup'])
    expect(await withLocale('pt-BR', () => find('sopa', ['code', 'name']))).toEqual(['soup'])
    expect(await find('third', ['name', 'code'])).toEqual(['cheese'])
  })

  it('searches what comes first in a language without a column', async () => {
    expect(await withLocale('fr', () => find('bread'))).toEqual(['bread', 'soup'])
    setDefaultLocale('pt-BR')
    expect(await withLocale('fr', () => find('queijo'))).toEqual(['soup'])
  })

  it('ranks by weights, and follows writes', async () => {
    const best = await Recipe.query().matches(['name', 'steps'], 'bread').pluck('nameEn')
    expect([...best].sort()).toEqual(['bread', 'soup'])
    await Recipe.where('nameEn', 'cheese').update({ stepsPtBR: 'cortar pao' })
    expect(await withLocale('pt-BR', () => find('pao'))).toEqual(['bread', 'cheese'])
  })

  it('finds the forms of a word in the language of the texts', async () => {
    if (!database.facts.knowsEnglish) return expect(await find('breads')).toEqual([])
    expect(await find('breads')).toEqual(['bread', 'soup'])
    expect(await withLocale('pt-BR', () => find('queijos'))).toEqual([])
  })

  it('names the columns of one language as well, and says which index is missing', async () => {
    expect(await find('queijo', ['namePtBR', 'stepsPtBR'])).toEqual(['soup'])
    const missing = () => (Recipe.query() as any).matches('name', 'x')
    expect(missing).toThrow(UsageError)
    expect(missing).toThrow("{ fields: ['name'], fullText: true }")
  })

  it('drops and creates its indexes with the table', async () => {
    await database.db.dropTables([Recipe])
    await database.db.createTables([Recipe])
    expect(await find('bread')).toEqual([])
    await Recipe.create({ nameEn: 'bread' })
    expect(await find('bread')).toEqual(['bread'])
  })

  it.each([
    [{ language: { fr: 'french' } }, 'names the language "fr", for which its fields have no column'],
    [{ language: { en: 'English!' } }, 'the name of a language'],
    [{ weights: { other: 2 } }, 'which is not one of its fields'],
  ])('refuses %j', (fullText, message) => {
    const fields = { title: Field.translated(Field.string(), { locales: ['en'] }), other: Field.string() }
    const Wrong = looseModel(fields, { table: 'wrong', indexes: [{ fields: ['title'], fullText }] })
    const create = () => database.db.toSQLCreateTables([Wrong as never])
    expect(create).toThrow(DefinitionError)
    expect(create).toThrow(message)
  })

  it('refuses fields of different languages, and languages of a field without', () => {
    const one = Field.translated(Field.string(), { locales: ['en'] })
    const two = Field.translated(Field.string(), { locales: ['en', 'fr'] })
    const sqlOf = (fields: object, indexes: object[]) => () =>
      database.db.toSQLCreateTables([looseModel(fields, { table: 'wrong', indexes }) as never])
    expect(sqlOf({ one, two }, [{ fields: ['one', 'two'], fullText: true }])).toThrow('of different languages')
    const language = { en: 'english' }
    expect(sqlOf({ a: Field.string() }, [{ fields: ['a'], fullText: { language } }])).toThrow('has no translated field')
  })
})
