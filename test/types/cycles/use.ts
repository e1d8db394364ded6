import { is } from '../support/expect.js'
import { City } from './city.js'
import { Country } from './country.js'
import { Mayor } from './mayor.js'

export async function around() {
  const mayor = await Mayor.with('city.country.capital.mayor', 'country.cities.mayor.deputy.deputy').firstOrFail()
  is<string | undefined>()(mayor.home())
  is<string | undefined>()(mayor.country.cities[0]?.mayor?.deputy?.deputy?.name)
  is<string | undefined>()((await Country.large().first())?.cities[0]?.mayor?.name)
  const country = await Country.with('union.members').firstOrFail()
  is<number>()(country.neighbours().length)
  const city = await City.findOrFail(1)
  is<string>()((await (await city.country).capital)?.name ?? '')
  // @ts-expect-error: no such relation at the end of the path
  Mayor.with('city.country.capital.maior')
}
