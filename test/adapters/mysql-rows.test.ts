import { type Connection as Client, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connected } from '../../src/adapters/adapter.js'
import { connectMysql } from '../../src/adapters/mysql2.js'
import { type DriverRow, STATEMENT } from '../../src/driver/driver.js'

// corm reads the rows of prepared statements itself: they have to be what mysql2 makes of them

const enabled = (process.env.CORM_TEST_DATABASES ?? '').split(',').includes('mysql')
const server = process.env.CORM_TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/'
const name = `corm_myrows_${process.pid}`

function urlOf(database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

const connect = (url: string, driver: Record<string, unknown> = {}) =>
  connectMysql({
    url,
    min: 0,
    max: 1,
    acquireTimeout: 2000,
    connectTimeout: 3000,
    lockTimeout: 3000,
    statementTimeout: 0,
    driver,
  })

const rowsOf = async ({ driver }: Connected, sql: string): Promise<readonly DriverRow[]> =>
  (await driver.run({ ...STATEMENT, sql, parameters: [], prepare: true, rows: true, intent: 'read' })).rows

/** Values of each type; null is tried with all of them. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  tinyint: ['0', '1', '-1', '127', '-128'],
  'tinyint unsigned': ['0', '128', '255'],
  smallint: ['0', '-1', '32767', '-32768', '256'],
  'smallint unsigned': ['32768', '65535', '255'],
  mediumint: ['-1', '8388607', '-8388608', '65536'],
  'mediumint unsigned': ['8388608', '16777215'],
  int: ['0', '-1', '2147483647', '-2147483648', '16777216', '305419896'],
  'int unsigned': ['2147483648', '4294967295', '305419896'],
  bigint: ['0', '-1', '9007199254740991', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  'bigint unsigned': ['0', '9007199254740993', '18446744073709551615'],
  float: ['0', '-1.5', '3.25e10'],
  double: ['0', '-0.1', '1.7976931348623157e308', '5e-324'],
  'decimal(30, 10)': ['0', '-1.5', '12345678901234567890.0123456789'],
  boolean: ['true', 'false'],
  year: ['1901', '2155', '2026'],
  date: ["'2026-01-31'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'"],
  time: ["'00:00:00'", "'-838:59:59'", "'12:34:56'"],
  'time(6)': ["'12:34:56.000001'", "'00:00:00'"],
  datetime: ["'2026-01-31 00:00:00'", "'2026-01-31 23:59:59'", "'1000-01-01 00:00:01'", "'1969-12-31 23:59:59'"],
  'datetime(3)': ["'2026-01-31 23:59:59.999'", "'2026-01-31 23:59:59'", "'1969-12-31 23:59:59.001'"],
  'datetime(6)': [
    "'2026-01-31 12:00:00.123456'",
    "'1969-12-31 23:59:59.999999'",
    "'1969-12-31 23:59:59.000001'",
    "'9999-12-31 23:59:59.999999'",
    "'1000-01-01 00:00:00'",
  ],
  'timestamp(3) null': ["'2026-01-31 12:00:00.5'", "'1970-01-01 00:00:01'"],
  'char(12)': ["''", "'a'", "'twelve bytes'"],
  'varchar(300)': [
    "''",
    "'a'",
    "'eight by'",
    "'nine byte'",
    "'äöü€'",
    "'😀 a grin'",
    "repeat('x', 249)",
    "repeat('x', 250)",
    "repeat('x', 251)",
    "repeat('x', 252)",
    "repeat('€', 100)",
  ],
  text: ["''", "repeat('long ', 15000)"],
  mediumtext: ["repeat('longer 😀', 20000)"],
  'binary(4)': ["''", "x'00ff80'"],
  'varbinary(300)': ["''", "x'00ff80'", 'repeat(0xff, 251)'],
  blob: ["''", "x'ff'"],
  json: ['\'{"a": [1, null, "ü"]}\'', "'null'", "'12345678901234567890'"],
  'bit(10)': ["b'1000000001'", "b'0'"],
  "enum('one', 'zwölf')": ["'one'", "'zwölf'"],
  "set('a', 'b')": ["''", "'a,b'"],
}

describe.runIf(enabled)('rows of prepared statements', () => {
  let db: Connected
  let plain: Client

  beforeAll(async () => {
    const admin = await connect(server)
    await admin.driver.run({
      ...STATEMENT,
      sql: `create database \`${name}\``,
      parameters: [],
      prepare: false,
      rows: false,
      intent: 'read',
    })
    await admin.driver.close()
    db = await connect(urlOf(name))
    plain = await createConnection({
      uri: urlOf(name),
      charset: 'utf8mb4_bin',
      timezone: 'Z',
      supportBigNumbers: true,
      dateStrings: ['DATE'],
      jsonStrings: true,
      rowsAsArray: true,
    })
    await plain.query("set time_zone = '+00:00', sql_mode = ''")
  })
  afterAll(async () => {
    await db?.driver.close()
    await plain?.query(`drop database if exists \`${name}\``)
    await plain?.end()
  })

  const expectAlike = async (sql: string, count: number) => {
    const [expected] = await plain.execute(sql)
    // the first time mysql2's parser reads too
    for (let time = 0; time < 3; time++) {
      const rows = await rowsOf(db, sql)
      expect(rows).toEqual(expected)
      expect(rows).toHaveLength(count)
    }
  }

  it.each(Object.entries(TYPES))('%s', async (type, values) => {
    await plain.query(`create or replace table one (id int auto_increment primary key, a ${type}, b ${type})`)
    const all = [...values, 'null']
    for (const [i, value] of all.entries())
      await plain.query(`insert into one (a, b) values (${value}, ${all[(i + 1) % all.length]})`)
    await expectAlike('select a, id, b from one order by id', all.length)
    await expectAlike('select a from one order by id desc', all.length)
  })

  it('gives geometries as the bytes that can be written back, not as objects', async () => {
    await plain.query('create or replace table one (id int auto_increment primary key, a point, b geometry)')
    await plain.query(
      "insert into one (a, b) values (point(1, 2.5), st_geomfromtext('LINESTRING(0 0, 1 1)', 4326)), (null, null)",
    )
    const [expected] = await plain.execute('select cast(a as binary), cast(b as binary) from one order by id')
    for (let time = 0; time < 3; time++) expect(await rowsOf(db, 'select a, b from one order by id')).toEqual(expected)
  })

  it('of more values than two bytes have bits, null and not', async () => {
    const count = 41
    const columns = Array.from({ length: count }, (_, i) => `c${i} ${i % 3 === 0 ? 'int' : 'varchar(20)'}`)
    await plain.query(`create or replace table wide (id int primary key, ${columns.join(', ')})`)
    for (let row = 0; row < 20; row++) {
      const values = columns.map((_, i) => ((i * 7 + row * 5) % 4 === 0 ? 'null' : `'${(i * row) % 90}'`))
      await plain.query(`insert into wide values (${row}, ${values.join(', ')})`)
    }
    await expectAlike('select * from wide order by id', 20)
    for (const many of [1, 5, 6, 7, 13, 14, 15])
      await expectAlike(`select ${columns.slice(0, many).map((_, i) => `c${i}`)} from wide order by id`, 20)
  })

  it('with dates that are none, as other programs may have stored them', async () => {
    await plain.query('create or replace table odd (id int primary key, at datetime(6))')
    const values = ["'0000-00-00'", "'2026-00-00 01:02:03'", "'2026-02-00 00:00:00.5'", "'0099-01-01 12:00:00'"]
    for (const [i, value] of values.entries()) await plain.query(`insert into odd values (${i}, ${value})`)
    // mysql2 reads the second as 2025-11-30, and the last as 1999
    const none = new Date(Number.NaN)
    const expected = [none, none, none, new Date('0099-01-01T12:00:00.000Z')]
    for (let time = 0; time < 3; time++) {
      expect(await rowsOf(db, 'select at, id from odd order by id')).toEqual(expected.map((at, id) => [at, id]))
      expect(await rowsOf(db, 'select at from odd order by id desc')).toEqual([...expected].reverse().map((at) => [at]))
    }
  })

  it('whose columns change their types', async () => {
    await plain.query('create or replace table turned (id int primary key, value varchar(40))')
    await plain.query("insert into turned values (1, '12'), (2, '13')")
    const sql = 'select value, id from turned order by id'
    await expectAlike(sql, 2)
    await plain.query('alter table turned modify value int')
    await expectAlike(sql, 2)
    await plain.query('alter table turned modify value datetime(3) null, add other int')
    await plain.query("update turned set value = '2026-01-02 03:04:05.678'")
    await expectAlike(sql, 2)
  })

  it('that come in many pieces', async () => {
    await expectAlike("select repeat('ü', 4000000) as value, 7 as number union all select repeat('a', 9000000), 8", 2)
  })

  it("as the driver's options say", async () => {
    await plain.query('create or replace table priced (id int primary key, price decimal(10, 2))')
    await plain.query('insert into priced values (1, 1.5), (2, 2.25)')
    const sql = 'select price from priced order by id'
    await expectAlike(sql, 2)
    const typeCast = ({ type }: { type: string }, next: () => unknown) => (type === 'NEWDECIMAL' ? 'cast' : next())
    const others = [await connect(urlOf(name), { decimalNumbers: true }), await connect(urlOf(name), { typeCast })]
    const [numbers, cast] = others as [Connected, Connected]
    expect(await rowsOf(numbers, sql)).toEqual([[1.5], [2.25]])
    expect(await rowsOf(cast, sql)).toEqual([['cast'], ['cast']])
    await expectAlike(sql, 2)
    for (const other of others) await other.driver.close()
  })
})
