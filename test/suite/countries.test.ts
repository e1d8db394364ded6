import { inspect } from 'node:util'
import { Field, Model, StoredValueError, sql, ValidationError } from 'corm'
import { countries, findCountry } from 'corm/country'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField } from '../support/loose.js'

class Customer extends Model({
  country: Field.country({ extra: [{ code: 'XZ', name: 'Waters', capital: 'Sea', currency: null }] }),
  home: Field.country({ nullable: true }),
  born: Field.country({ default: 'FR' }),
}) {}

const germany = findCountry('DE')

describeDatabases('countries', (database) => {
  database.useTables([Customer])

  it('are stored as codes, and every one can be read', async () => {
    await Customer.insertMany(countries.map((country) => ({ country })))
    const rows = await Customer.query().orderBy('country').get()
    expect(rows.map(({ country }) => country)).toEqual(countries)
    for (const row of rows) {
      expect(row.country).toBe(findCountry(row.country.code))
      expect(row.isDirty()).toBe(false)
    }
  })

  it('are taken as codes and as countries', async () => {
    const forms = ['DE', 'de', germany]
    for (const form of forms) {
      const customer = await Customer.create({ country: form as string, home: form as string })
      expect(customer.country).toBe(germany)
      expect(customer.born).toBe(findCountry('FR'))
      expect(customer.isDirty()).toBe(false)
      await customer.update({ home: null })
      expect((await Customer.findOrFail(customer.id)).home).toBeNull()
      expect(await Customer.where('country', form as string).count()).toBe(1)
      expect(await Customer.where({ country: form as string }).count()).toBe(1)
      expect(
        await Customer.query()
          .whereIn('country', ['FR', form as string])
          .count(),
      ).toBe(1)
      expect(Customer.schema.insert.parse({ country: form }).country).toBe(germany)
      await Customer.where('id', customer.id).update({ country: 'XZ', born: form as string })
      await customer.refresh()
      expect([customer.country.name, customer.born]).toEqual(['Waters', germany])
      customer.country = germany as never
      expect(customer.isDirty('country')).toBe(true)
      customer.country = (await Customer.findOrFail(customer.id)).country
      expect(customer.isDirty('country')).toBe(false)
      await customer.delete()
    }
    expect(await Customer.query().filter(['country', '=', 'DE']).count()).toBe(0)
  })

  it('show and serialize as their code', async () => {
    const customer = await Customer.create({ country: 'XZ' })
    expect(JSON.parse(JSON.stringify(customer))).toEqual({ id: customer.id, country: 'XZ', home: null, born: 'FR' })
    expect(customer.toObject().country).toBe(customer.country)
    expect(inspect(customer)).toContain('country: Country(XZ)')
    expect(`${customer.country}`).toBe('XZ')
    expect(customer.country.valueOf()).toBe('XZ')
    expect(customer.country).toMatchObject({ capital: 'Sea', official: false, isEU: false, timezones: [] })
    expect(Object.isFrozen(customer.country)).toBe(true)
  })

  it.each(['', 'D', 'DEU', 'QQ', 'AC', 'UK', '🇩🇪', 'D\u0000', 'XZ'])('refuse %j', async (home) => {
    const refused = await Customer.create({ country: 'DE', home }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ValidationError)
    expect(refused).toMatchObject({ issues: [{ path: 'home', code: 'country' }] })
    await expect(Customer.insertMany([{ country: 'DE', home }])).rejects.toThrow(ValidationError)
    await expect(Customer.where('id', 1).update({ home })).rejects.toThrow(ValidationError)
    expect(Customer.schema.insert.safeParse({ country: 'DE', home }).success).toBe(false)
  })

  it('refuse what is no code, and report a stored code that is none', async () => {
    await expect(Customer.create({ country: 49 as never })).rejects.toThrow(
      'expects the code of a country, not an integer',
    )
    const { id } = await Customer.create({ country: 'DE' })
    await database.db.execute(sql`update customers set country = 'QQ' where id = ${id}`)
    const error = await Customer.find(id).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoredValueError)
    expect(error).toMatchObject({ model: 'Customer', field: 'country' })
  })
})

it('the list of countries is that of ISO 3166-1, with Kosovo', () => {
  expect(countries).toHaveLength(250)
  for (const one of countries) {
    expect(one.code).toMatch(/^[A-Z]{2}$/)
    expect(one.alpha3).toMatch(/^[A-Z]{3}$/)
    expect(one.name).not.toBe('')
    expect(one.region).not.toBe('')
    expect(one.dialCode ?? '+1').toMatch(/^\+\d{1,4}$/)
    expect(one.currency?.code ?? 'EUR').toMatch(/^[A-Z]{3}$/)
    if (one.official) expect(one.numeric).toMatch(/^\d{3}$/)
    for (const zone of one.timezones) expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow()
  }
  const of = (name: 'alpha3' | 'numeric' | 'code') =>
    countries.map((each) => each[name]).filter((each) => each !== null)
  for (const name of ['alpha3', 'numeric', 'code'] as const) expect(new Set(of(name)).size).toBe(of(name).length)
  expect(countries.filter(({ official }) => !official).map(({ code }) => code)).toEqual(['XK'])
  // as of November 2026
  expect(countries.filter(({ isEU }) => isEU)).toHaveLength(27)
  expect(countries.filter(({ isEEA, isEU }) => isEEA && !isEU).map(({ code }) => code)).toEqual(['IS', 'LI', 'NO'])
  expect(germany).toMatchObject({
    name: 'Germany',
    alpha3: 'DEU',
    numeric: '276',
    dialCode: '+49',
    continent: 'Europe',
    region: 'Western Europe',
    capital: 'Berlin',
    currency: { code: 'EUR', name: 'Euro', symbol: '€' },
    languages: ['de'],
    tld: '.de',
    flag: '🇩🇪',
    isEU: true,
    isEEA: true,
    official: true,
  })
  expect(findCountry('GB')).toMatchObject({ tld: '.uk', isEU: false })
  expect(findCountry('XK')).toMatchObject({ alpha3: 'XKX', numeric: null, tld: null, dialCode: '+383' })
  expect(findCountry('AQ')).toMatchObject({ capital: null, currency: null, languages: [] })
})

it('further countries have a code of their own, and a name', () => {
  for (const extra of [
    [{ code: 'DE', name: 'a' }],
    [{ code: 'xz', name: 'a' }],
    [{ code: 'XZ' }],
    ['XZ'],
    [{ code: 'XZ', name: 'a', flag: 'b' }],
  ])
    expect(() => looseField.country?.({ extra })).toThrow('takes further countries as objects')
  expect(() => looseField.country?.({ extra: {} })).toThrow('must be a list')
})
