import { type Database, fn } from 'corm'
import { City, Country } from './models.js'
import { type Answer, number } from './print.js'

export interface Question {
  readonly title: string
  ask(db: Database): Promise<Answer>
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

export const questions: readonly Question[] = [size, largest, perContinent, euro, farOut, sameName, whatIf]
