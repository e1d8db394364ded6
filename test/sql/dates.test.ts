import { Field, fn, Model } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

class Setting extends Model({
  data: Field.json<{ theme: string; size: number; on: boolean; tags: string[]; a: { b: string } }>(),
  fine: Field.dateTime({ precision: 6 }),
  clock: Field.time(),
}) {}

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')
const settings = () => Setting.query().select('id')

describe('dates as SQL', () => {
  it('parts of a moment', () => {
    expectSql(
      authors().where((c) =>
        c.joined
          .year()
          .eq(2024)
          .and(c.joined.weekday().eq(1), c.joined.week().eq(2), c.joined.quarter().eq(3), c.joined.second().eq(4)),
      ),
      {
        sqlite: [
          `select "id" from "authors" where cast(substr("joined", 1, 4) as integer) = ? and cast(strftime('%u', substr("joined", 1, 10)) as integer) = ? and cast(strftime('%V', substr("joined", 1, 10)) as integer) = ? and ((substr("joined", 6, 2) + 2) / 3) = ? and cast(substr("joined", 18, 2) as integer) = ?`,
          2024n,
          1n,
          2n,
          3n,
          4n,
        ],
        postgres: [
          `select "id" from "authors" where extract(year from "joined" at time zone 'UTC')::int4 = $1::int4 and extract(isodow from "joined" at time zone 'UTC')::int4 = $2::int4 and extract(week from "joined" at time zone 'UTC')::int4 = $3::int4 and extract(quarter from "joined" at time zone 'UTC')::int4 = $4::int4 and trunc(extract(second from "joined" at time zone 'UTC'))::int4 = $5::int4`,
          2024,
          1,
          2,
          3,
          4,
        ],
        mysql: [
          'select `id` from `authors` where year(`joined`) = ? and (weekday(`joined`) + 1) = ? and week(`joined`, 3) = ? and quarter(`joined`) = ? and second(`joined`) = ?',
          2024,
          1,
          2,
          3,
          4,
        ],
      },
    )
  })

  it('parts of a date', () => {
    expectSql(
      books().where((c) => c.printed.month().eq(2).and(c.printed.dayOfYear().eq(3))),
      {
        sqlite: [
          `select "id" from "books" where cast(substr("printed", 6, 2) as integer) = ? and cast(strftime('%j', substr("printed", 1, 10)) as integer) = ?`,
          2n,
          3n,
        ],
        postgres: [
          'select "id" from "books" where extract(month from "printed")::int4 = $1::int4 and extract(doy from "printed")::int4 = $2::int4',
          2,
          3,
        ],
        mysql: ['select `id` from `books` where month(`printed`) = ? and dayofyear(`printed`) = ?', 2, 3],
      },
    )
  })

  it('parts of a time of day', () => {
    expectSql(
      settings().where((c) => c.clock.hour().eq(2)),
      {
        sqlite: ['select "id" from "settings" where cast(substr("clock", 1, 2) as integer) = ?', 2n],
        postgres: ['select "id" from "settings" where extract(hour from "clock")::int4 = $1::int4', 2],
        mysql: ['select `id` from `settings` where hour(`clock`) = ?', 2],
      },
    )
  })

  it('the beginning of a month and a week', () => {
    expectSql(
      authors()
        .annotate({ m: (c) => c.joined.truncate('month'), w: (c) => c.joined.truncate('week') })
        .select('m', 'w'),
      {
        sqlite: [
          `select "id", (substr("joined", 1, 7) || '-01 00:00:00.000') as "m", (date(substr("joined", 1, 10), 'weekday 0', '-6 days') || ' 00:00:00.000') as "w" from "authors"`,
        ],
        postgres: [
          `select "id", date_trunc('month', "joined", 'UTC') as "m", date_trunc('week', "joined", 'UTC') as "w" from "authors"`,
        ],
        mysql: [
          "select `id`, cast(date_format(`joined`, '%Y-%m-01') as datetime(3)) as `m`, cast(date_sub(date(`joined`), interval weekday(`joined`) day) as datetime(3)) as `w` from `authors`",
        ],
      },
    )
  })

  it('the beginning of a quarter, of a date', () => {
    expectSql(
      books()
        .annotate({ q: (c) => c.printed.truncate('quarter') })
        .select('q'),
      {
        sqlite: [
          `select "id", (substr("printed", 1, 5) || substr('010101040404070707101010', substr("printed", 6, 2) * 2 - 1, 2) || '-01') as "q" from "books"`,
        ],
        postgres: [`select "id", date_trunc('quarter', "printed"::timestamp)::date as "q" from "books"`],
        mysql: [
          'select `id`, cast(date_add(makedate(year(`printed`), 1), interval (quarter(`printed`) - 1) * 3 month) as date) as `q` from `books`',
        ],
      },
    )
  })

  it('the beginning of an hour, with microseconds', () => {
    expectSql(
      settings()
        .annotate({ h: (c) => c.fine.truncate('hour') })
        .select('h'),
      {
        sqlite: [`select "id", (substr("fine", 1, 13) || ':00:00.000000') as "h" from "settings"`],
        postgres: [`select "id", date_trunc('hour', "fine", 'UTC') as "h" from "settings"`],
        mysql: [
          "select `id`, cast(cast(cast(date_format(`fine`, '%Y-%m-%d %H:00:00') as datetime(6)) as datetime(6)) as char) as `h` from `settings`",
        ],
      },
    )
  })

  it('a moment later', () => {
    expectSql(
      authors().where((c) => c.joined.add({ months: 1, days: 1, hours: -2 }).gt(fn.now())),
      {
        sqlite: [
          `select "id" from "authors" where strftime('%Y-%m-%d %H:%M:%f', substr("joined", 1, 23), ?, 'floor', ?) > strftime('%Y-%m-%d %H:%M:%f', 'now')`,
          '1 months',
          '79200.000 seconds',
        ],
        postgres: [
          `select "id" from "authors" where ((("joined" at time zone 'UTC') + make_interval(months => $1::int4, days => $2::int4, secs => $3::float8)) at time zone 'UTC') > now()`,
          1,
          0,
          79200,
        ],
        mysql: [
          'select `id` from `authors` where cast(date_add(date_add(`joined`, interval ? month), interval ? microsecond) as datetime(3)) > utc_timestamp(3)',
          1n,
          79200000000n,
        ],
      },
    )
  })

  it('a date before', () => {
    expectSql(
      books().where((c) => c.printed.subtract({ weeks: 1 }).gt('2024-01-01')),
      {
        sqlite: [
          `select "id" from "books" where date("printed", ?, 'floor', ?) > ?`,
          '0 months',
          '-7 days',
          '2024-01-01',
        ],
        postgres: [
          'select "id" from "books" where ("printed" + make_interval(months => $1::int4, days => $2::int4))::date > $3::date',
          0,
          -7,
          '2024-01-01',
        ],
        mysql: [
          'select `id` from `books` where cast(date_add(date_add(`printed`, interval ? month), interval ? day) as date) > ?',
          0n,
          -7n,
          '2024-01-01',
        ],
      },
    )
  })

  it('the seconds between two moments', () => {
    expectSql(
      authors().where((c) => fn.now().secondsSince(c.joined).gt(60)),
      {
        sqlite: [
          `select "id" from "authors" where (((unixepoch(substr(strftime('%Y-%m-%d %H:%M:%f', 'now'), 1, 19)) - unixepoch(substr("joined", 1, 19))) * 1000000 + substr(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', 21, 6) - substr("joined" || '000', 21, 6)) / 1000000.0) > ?`,
          60,
        ],
        postgres: ['select "id" from "authors" where extract(epoch from now() - "joined")::float8 > $1::float8', 60],
        mysql: [
          'select `id` from `authors` where (timestampdiff(microsecond, `joined`, utc_timestamp(3)) / 1e6) > ?',
          60,
        ],
      },
    )
  })

  it('the days between two dates', () => {
    expectSql(
      books().where((c) => c.printed.daysSince('2024-01-01').gt(7)),
      {
        sqlite: [
          'select "id" from "books" where ((unixepoch("printed") - unixepoch(?)) / 86400) > ?',
          '2024-01-01',
          7n,
        ],
        postgres: ['select "id" from "books" where ("printed" - $1::date) > $2::int4', '2024-01-01', 7],
        mysql: ['select `id` from `books` where datediff(`printed`, ?) > ?', '2024-01-01', 7],
      },
    )
  })
})
