import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Field, Model, sql } from 'corm'
import { afterAll, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { type Inspection, inspectDatabase } from '../../src/inspect/index.js'
import { adopt, type DriftOptions, describeDifference, driftOf } from '../../src/migration/drift.js'
import { type DatabaseKind, describeDatabases, freshDatabase } from '../support/databases.js'

// Types, indexes and constraints that corm has no words for: nothing of them stops the inspection, and the models read and write
// the rows.

const folder = mkdtempSync(join(tmpdir(), 'corm-inspect-types-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

class Thing extends Model({ id: Field.integer({ primaryKey: true }), value: Field.text({ nullable: true }) }) {}

interface Inspected extends Inspection {
  readonly db: Database
  readonly left: readonly string[]
  text(path: string): string
  model(path: string, name: string): Promise<typeof Thing>
}

const OPTIONS: DriftOptions = { ignore: [], own: [] }

const OF_POSTGRES = [
  [
    'create table stays (id integer primary key, during tsrange, code integer unique deferrable initially deferred, exclude using gist (during with &&))',
  ],
  [
    'index stays.stays_code_key: it is unique USING btree (code) DEFERRABLE INITIALLY DEFERRED, expected unique USING btree (code)',
    'index stays.stays_during_excl is not expected: EXCLUDE USING gist (during WITH &&)',
  ],
] as const

/** Tables, and how they differ from what models say. */
const KEYS: Readonly<Record<DatabaseKind, readonly [readonly string[], readonly string[]]>> = {
  sqlite: [
    [
      'create table notes (id integer primary key, t text collate nocase unique on conflict ignore, u text not null on conflict fail, unique (u collate nocase) on conflict replace, unique (t collate nocase, u))',
      'create table words (k text, x text, primary key (k collate nocase desc) on conflict fail, unique (x collate rtrim))',
    ],
    [
      'column notes.u: extra is not null on conflict fail, expected not set',
      'index notes.notes_t_unique: it is unique t on conflict ignore, expected unique t',
      'index notes.notes_u_unique: it is unique u collate nocase on conflict replace, expected unique u collate nocase',
      'primary key of words: it is k collate nocase desc on conflict fail, expected k',
    ],
  ],
  pglite: OF_POSTGRES,
  postgres: OF_POSTGRES,
  mysql: [
    [
      'create table notes (name varchar(300) not null, primary key (name(10)))',
      // what changes with the row is a part of the type, so that nothing is left of it
      'create table stamps (id int primary key, at timestamp not null default current_timestamp on update current_timestamp)',
      // only engines without transactions number the rows of each a
      'create table steps (a int not null, n int not null auto_increment, primary key (a, n)) engine = myisam',
    ],
    ['primary key of notes: it is `name`(10), expected name', 'column steps.n: numbered is true, expected false'],
  ],
}

let written = 0

describeDatabases('inspect of what others have', (database) => {
  async function inspected(statements: readonly string[], check: (found: Inspected) => Promise<void>): Promise<void> {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ url })
      for (const statement of statements) await db.execute(sql.raw(statement))
      const inspection = await inspectDatabase(db, () => true)
      written += 1
      const place = join(folder, `${database.kind}${written}`)
      mkdirSync(place)
      for (const { path, text } of inspection.files) writeFileSync(join(place, path), text)
      await check({
        ...inspection,
        db,
        left: inspection.differences.map(describeDifference),
        text: (path) => inspection.files.find((file) => file.path === path)?.text ?? '',
        model: async (path, name) => ((await import(join(place, path))) as Record<string, typeof Thing>)[name]!,
      })
    } finally {
      await drop()
    }
  }

  /** Each value is read, written into another row, and is the same for the database. */
  async function copies(types: readonly (readonly [type: string, value: string])[]): Promise<void> {
    const create = types.map(([type], i) => `create table things${i} (id integer not null primary key, value ${type})`)
    const insert = types.map(([, value], i) => `insert into things${i} values (1, ${value})`)
    await inspected([...create, ...insert], async ({ db, left, model }) => {
      expect(left).toEqual([])
      for (const [i, [type]] of types.entries()) {
        const Each = await model(`things${i}.ts`, `Things${i}`)
        const { value } = await Each.findOrFail(1)
        await Each.create({ id: 2, value })
        const text = database.kind === 'mysql' ? 'hex(value)' : 'value::text'
        const rows = await db.select<{ v: string }>(sql.raw(`select ${text} as v from things${i} order by id`))
        expect(rows[1], type).toEqual(rows[0])
      }
    })
  }

  it('reads and writes types that corm has no field for', async ({ skip }) => {
    if (database.kind === 'sqlite') skip()
    await copies(
      database.kind === 'mysql'
        ? [
            ['point', 'point(1, 2)'],
            ['geometry', "st_geomfromtext('LINESTRING(0 0, 1 1)', 4326)"],
            ['multipolygon', "st_geomfromtext('MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))')"],
            ['inet6', "'2001:db8::1'"],
            ['bit(3)', "b'101'"],
            ["set('a','b')", "'a,b'"],
          ]
        : [
            ['point', "'(1,2)'"],
            ['box', "'(1,2),(3,4)'"],
            ['polygon', "'((1,2),(3,4))'"],
            ['circle', "'<(1,2),3>'"],
            ['numeric(3,5)', '0.00123'],
            ['numeric(5,-2)', '12300'],
            ['numeric(100,50)', '1.5'],
            ['numeric(3,5)[]', "'{0.00123}'"],
            ['oid', '4000000000'],
            ['int4range', "'[1,3)'"],
            ['interval', "'1 day'"],
            ['bit(3)', "b'101'"],
            ['"char"', "'c'"],
          ],
    )
  })

  it('keeps spatial indexes, and full-text indexes whatever their names', async ({ skip }) => {
    if (database.kind !== 'mysql') skip()
    await inspected(
      [
        'create table places (id integer not null primary key, at point not null, body text, title varchar(20), spatial index near_by (at), fulltext body (body), fulltext both_texts (title, body))',
      ],
      async ({ left, text }) => {
        expect(left).toEqual([])
        expect(text('place.ts')).toContain("{ fields: ['at'], method: 'spatial', name: 'near_by' }")
        expect(text('place.ts')).toContain("method: 'fulltext', name: 'body' }")
        expect(text('place.ts')).toContain('its values are bytes')
      },
    )
  })

  it('names the columns that indexes only include, and leaves them as they are', async ({ skip }) => {
    if (database.kind === 'sqlite' || database.kind === 'mysql') skip()
    await inspected(
      [
        'create table books (id integer, isbn text, title text, n integer, primary key (id) include (title), unique (isbn) include (title, n))',
        'create index books_n on books (n) include (title) where n is not null',
        'create unique index books_lower on books (lower(title)) include (n) with (fillfactor = 70)',
        'create index "odd include (x)" on books (title)',
      ],
      async ({ left, models, text, db }) => {
        // the option of storage is another difference
        expect(left).toEqual([expect.stringContaining("WITH (fillfactor='70')")])
        expect(models[0]?.notes.map((note) => note.replace(/\. Models have.*/, ''))).toEqual([
          'The index of the primary key also holds other columns: INCLUDE (title)',
          'The index books_isbn_title_n_key also holds other columns: INCLUDE (title, n)',
          'The index books_lower also holds other columns: INCLUDE (n)',
          'The index books_n also holds other columns: INCLUDE (title)',
        ])
        expect(text('book.ts')).toContain("{ fields: ['isbn'], unique: true, name: 'books_isbn_title_n_key' }")
        const { differences, unmanaged } = await driftOf(db, EMPTY, OPTIONS)
        expect(unmanaged.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
          'included columns books (primary key)',
          'included columns books_isbn_title_n_key',
          'included columns books_lower',
          'included columns books_n',
        ])
        expect(differences.map(({ kind }) => kind)).toEqual(['table'])
      },
    )
  })

  it('leaves out what the database refuses to say again, with a note', async ({ skip }) => {
    if (database.kind !== 'sqlite') skip()
    await inspected(
      [
        // SQLite takes definitions that it can never use, and that it refuses to others
        'create table odd (id integer primary key, a text default (corm_lower(1)), b text, c text, check (corm_lower(b) = b))',
        'create table fine (id integer primary key, odd_id integer references odd (id))',
        "create index odd_b on odd (b) where b <> ''",
      ],
      async ({ text, models }) => {
        expect(models.map(({ table }) => table)).toEqual(['odd', 'fine'])
        expect(text('odd.ts')).toContain('corm_lower')
        expect(text('odd.ts')).toContain('is not in the model')
        expect(text('fine.ts')).toContain('Field.foreignKey(() => Odd')
      },
    )
  })

  it('leaves out no more than the server refuses', async ({ skip }) => {
    if (database.kind !== 'mysql') skip()
    await inspected(
      [
        // strict servers refuse these defaults when a table is made again
        "set statement sql_mode = '' for create table entries (id integer not null primary key, on_day date not null default '0000-00-00', at datetime not null default '0000-00-00', title varchar(99) not null default 'none', body text, key titles (title(20)), fulltext bodies (body)) default charset utf8mb4 collate utf8mb4_general_ci",
      ],
      async ({ left, text, models }) => {
        expect(models[0]?.notes).toEqual([
          "The option dbDefault of on_day is not in the model: Invalid default value for 'on_day'",
          "The option dbDefault of at is not in the model: Invalid default value for 'at'",
        ])
        expect(left).toEqual([
          "column entries.on_day: default is '0000-00-00', expected not set",
          "column entries.at: default is '0000-00-00 00:00:00', expected not set",
        ])
        expect(text('entry.ts')).toContain("dbDefault: 'none'")
      },
    )
  })

  it('lists what keys and constraints say besides their columns', async () => {
    const [statements, lines] = KEYS[database.kind]
    await inspected(statements, async ({ left, db, files }) => {
      expect(left).toEqual(lines)
      expect(files.length).toBeGreaterThan(0)
      // migrations have no words for it either, and say so
      const drift = await driftOf(db, EMPTY, OPTIONS)
      const adoption = await adopt(db, EMPTY, drift, OPTIONS)
      expect(adoption.left.map(describeDifference)).toEqual(lines)
    })
  })

  it('names the forms of date-times that are stored in several ways, and infinity', async ({ skip }) => {
    if (database.kind !== 'sqlite') skip()
    await inspected(
      [
        'create table visits (id integer primary key, at datetime, created_at text, seen_at integer, share real, title text)',
        "insert into visits values (1, '2026-01-02T03:04:05Z', '2026-01-02 03:04:05', 1767323045, 9e999, '2026-01-02')",
        "insert into visits values (2, 1767323045, '2026-01-02T03:04:05Z', 1767323045000, 1.5, 'a')",
        "insert into visits values (3, 1767323045000, '2026-01-02', null, 2, '2026-01-02 03:04:05')",
      ],
      async ({ models }) =>
        expect(models[0]?.notes).toEqual([
          expect.stringContaining(
            'at: it holds date-times in several forms (1 like "0000-00-00T00:00:00Z", 1 seconds, 1 milliseconds)',
          ),
          expect.stringContaining(
            'created_at: it holds date-times in several forms (1 like "0000-00-00 00:00:00", 1 like "0000-00-00T00:00:00Z", 1 days)',
          ),
          expect.stringContaining('seen_at: it holds date-times in several forms (1 seconds, 1 milliseconds)'),
          'share: it holds infinity. Set allowInfinity: true.',
        ]),
    )
  })
})
