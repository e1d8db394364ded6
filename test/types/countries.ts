import { type Country, Field, Model } from 'corm'
import { countries, findCountry } from 'corm/country'
import { is } from './support/expect.js'

export class Customer extends Model({
  country: Field.country({ extra: [{ code: 'XZ', name: 'Nowhere' }] }),
  home: Field.country({ nullable: true, default: 'DE' }),
}) {}

export async function places() {
  const customer = await Customer.create({ country: 'DE' })
  is<Country>()(customer.country)
  is<Country | null>()(customer.home)
  is<Country | null>()(findCountry('DE'))
  is<string | undefined>()(countries[0]?.name)
  await Customer.create({ country: customer.country, home: null })
  await Customer.where('country', 'DE').where('home', customer.country).count()
  // @ts-expect-error: not nullable
  await Customer.create({ country: null })
  // @ts-expect-error: a code
  await Customer.create({ country: 49 })
  // @ts-expect-error: it is frozen
  customer.country.name = 'a'
  // @ts-expect-error: a name is needed
  Field.country({ extra: [{ code: 'XZ' }] })
}
