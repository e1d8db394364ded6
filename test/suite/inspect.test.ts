import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Database, Field, Model, sql } from 'corm'
import { afterAll, expect, it } from 'vitest'
import { type Inspection, inspectDatabase } from '../../src/inspect/index.js'
import { describeDifference } from '../../src/migration/drift.js'
import { builtPackage } from '../support/built.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'
import { createDataset, datasets } from '../support/inspect/datasets.js'
import { FOREIGN_SCHEMAS, type SchemaKind } from '../support/inspect/schemas.js'
import { models } from '../support/models.js'
import { root } from '../support/programs.js'

// Models for tables that others made: they say the same as the database, and their files are sound.

const folder = mkdtempSync(join(tmpdir(), 'corm-inspect-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let written = 0

/** Writes the files where the compiler and the formatter find them. Returns the path of their folder. */
function write({ files }: Inspection): string {
  written += 1
  const place = join(folder, String(written))
  mkdirSync(place)
  for (const { path, text } of files) writeFileSync(join(place, path), text)
  return place
}

class AnyHost extends Model({ id: Field.integer({ primaryKey: true }), address: Field.text() }) {}

describeDatabases('inspect', (database) => {
  const schemaKind = (): SchemaKind =>
    database.kind === 'sqlite' ? 'sqlite' : database.kind === 'mysql' ? 'mysql' : 'postgres'

  /** Inspects a new database. */
  async function inspected(fill: (db: Database) => Promise<void>): Promise<Inspection> {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'inspected', url })
      await fill(db)
      const inspection = await inspectDatabase(db, () => true)
      expect(inspection.differences.map(describeDifference)).toEqual([])
      write(inspection)
      return inspection
    } finally {
      await drop()
    }
  }

  const made = (statements: readonly string[]) =>
    inspected(async (db) => {
      for (const statement of statements) await db.execute(sql.raw(statement))
    })

  const quoted = (name: string) => (database.kind === 'mysql' ? `\`${name}\`` : `"${name}"`)

  const textOf = ({ files }: Inspection, path: string): string =>
    files.find((file) => file.path === path)?.text ?? `no ${path}`

  it.each(FOREIGN_SCHEMAS)('writes models for a schema of $name', async ({ name, statements }) => {
    const { files, models: described } = await made(statements[schemaKind()] ?? [])
    expect(files.length).toBeGreaterThan(2)
    expect(described.map(({ file }) => file)).toEqual(files.map(({ path }) => path))
    const custom = files.filter(({ text }) => text.includes('Field.custom(')).map(({ path }) => path)
    const ofTypes: Readonly<Record<string, readonly string[]>> = { Django: ['shop-product.ts'], Rails: ['author.ts'] }
    expect(custom).toEqual(schemaKind() === 'postgres' ? (ofTypes[name] ?? []) : [])
    // a second run writes the same
    const again = await made(statements[schemaKind()] ?? [])
    expect(again.files).toEqual(files)
  })

  for (const name of datasets)
    it(`writes models for ${name}`, async () => {
      const { files } = await inspected((db) => createDataset(db, name, schemaKind()))
      expect(files.length).toBeGreaterThan(10)
    })

  it('finds relations: of both sides of a key, to itself, through join tables', async () => {
    const inspection = await made([
      'create table people (id integer not null primary key, name varchar(20) not null, boss_id integer, foreign key (boss_id) references people (id))',
      'create table books (id integer not null primary key, author_id integer not null, editor_id integer, foreign key (author_id) references people (id), foreign key (editor_id) references people (id))',
      'create table passports (id integer not null primary key, person_id integer not null unique, foreign key (person_id) references people (id))',
      'create table tags (id integer not null primary key)',
      'create table seats (number integer not null, line integer not null, hall varchar(9) not null, primary key (hall, line))',
      'create table books_tags (book_id integer not null, tag_id integer not null, primary key (book_id, tag_id), foreign key (book_id) references books (id), foreign key (tag_id) references tags (id))',
      'create table loans (book_id integer not null, person_id integer not null, days integer not null, primary key (book_id, person_id), foreign key (book_id) references books (id), foreign key (person_id) references people (id))',
    ])
    const person = textOf(inspection, 'person.ts')
    for (const line of [
      'static boss = Relation.belongsTo(() => Person)',
      "static children = Relation.hasMany(() => Person, { foreignKey: 'bossId' })",
      "static authorBooks = Relation.hasMany(() => Book, { foreignKey: 'authorId' })",
      "static editorBooks = Relation.hasMany(() => Book, { foreignKey: 'editorId' })",
      'static passport = Relation.hasOne(() => Passport)',
      'static loans = Relation.hasMany(() => Loan)',
      'static books = Relation.manyToMany(() => Book, {',
    ])
      expect(person).toContain(line)
    expect(textOf(inspection, 'seat.ts')).toMatch(/number: .*\n.*hall: .*\n.*line: /)
    const book = textOf(inspection, 'book.ts')
    expect(book).toContain('static author = Relation.belongsTo(() => Person)')
    expect(book).toContain('static tags = Relation.manyToMany(() => Tag, {')
    expect(book).toContain('through: () => BooksTag,')
    expect(book).not.toContain('hasMany(() => BooksTag')
    expect(book).toContain('static loans = Relation.hasMany(() => Loan)')
  })

  it("leaves out what a model can't say, and says so", async () => {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'impossible', url })
      if (database.kind === 'mysql') return expect(db.dialect.name).toBe('mysql')
      for (const statement of [
        'create table owners (id integer not null primary key)',
        'create table pets (id integer not null primary key, owner_id integer not null, foreign key (owner_id) references owners (id) on delete set null)',
        ...(database.kind === 'sqlite'
          ? []
          : ['create table cases ("a" integer, "A" integer, id integer primary key)']),
      ])
        await db.execute(sql.raw(statement))
      const inspection = await inspectDatabase(db, () => true)
      write(inspection)
      const lines = inspection.differences.map(({ kind, change, table }) => `${kind} ${change} ${table}`)
      expect(lines.filter((line) => line.endsWith('pets'))).toEqual(['foreignKey unexpected pets'])
      expect(textOf(inspection, 'pet.ts')).toContain('is left out')
      expect(textOf(inspection, 'pet.ts')).toContain('static owner = Relation.belongsTo(() => Owner)')
      if (database.kind !== 'sqlite') expect(lines).toContain('column unexpected cases')
    } finally {
      await drop()
    }
  })

  if (database.kind !== 'sqlite')
    it('writes custom fields that read and write what the database has', async () => {
      const { url, drop } = await freshDatabase(database.kind)
      try {
        await using db = await Database.connect({ url })
        const [type, address, other] =
          schemaKind() === 'postgres' ? ['inet', '10.0.0.1', '10.0.0.0/8'] : ['inet6', '2001:db8::1', '::2']
        await db.execute(sql.raw(`create table hosts (id integer not null primary key, address ${type})`))
        const inspection = await inspectDatabase(db, () => true)
        expect(textOf(inspection, 'host.ts')).toContain('encode: (value: string) => value,')
        const { Host } = (await import(join(write(inspection), 'host.ts'))) as { Host: typeof AnyHost }
        await Host.create({ id: 1, address })
        const host = await Host.findOrFail(1)
        expect(host.address).toBe(address)
        host.address = other
        await host.save()
        expect(await Host.where('address', other).count()).toBe(1)
      } finally {
        await drop()
      }
    })

  it('makes an enum of a check that lists texts, whatever characters they have', async () => {
    const inspection = await made([
      "create table jobs (id integer not null primary key, state varchar(20) default 'it''s' not null, constraint jobs_state_check check (state in ('new', 'it''s', 'a]b')))",
    ])
    const text = textOf(inspection, 'job.ts').replace(/\s+/g, ' ')
    expect(text).toContain(`state: Field.enum(['new', "it's", 'a]b'], {`)
    expect(text).toContain(`"it's"`)
  })

  it('leaves out of names the characters that identifiers can not have', async () => {
    const inspection = await made([
      `create table ${quoted('area_m²')} (id integer not null primary key, ${quoted('m²_id')} integer, ${quoted('x½')} integer)`,
    ])
    const text = textOf(inspection, 'area-m.ts')
    expect(text).toContain('export class AreaM extends Model(')
    expect(text).toContain("mId: Field.integer({ column: 'm²_id', nullable: true }),")
    expect(text).toContain("x: Field.integer({ column: 'x½', nullable: true }),")
  })

  it('reads the tables of corm back, and writes views and tables without a key as read-only models', async () => {
    const inspection = await inspected(async (db) => {
      await db.createTables(models)
      await db.execute(sql.raw('create view seen as select 1 as a, 2 as seen_id'))
      if (database.kind === 'sqlite') await db.execute(sql.raw('create view broken as select * from nowhere'))
      await db.execute(sql.raw('create table keyless (a integer, b integer not null)'))
      await db.execute(sql.raw('create table half (a integer, code varchar(20) not null unique)'))
    })
    expect(textOf(inspection, 'seen.ts')).toContain('readOnly: true')
    expect(textOf(inspection, 'seen.ts')).toMatch(/seenId: .*primaryKey: true/)
    expect(textOf(inspection, 'keyless.ts')).toContain('readOnly: true')
    expect(textOf(inspection, 'half.ts')).toMatch(/code: .*primaryKey: true/)
    expect(textOf(inspection, 'half.ts')).not.toContain('readOnly')
  })
})

const FORMS: readonly (readonly [declared: string, values: readonly string[], field: string])[] = [
  ['datetime', ["'2026-01-02 03:04:05.123456'", "'2026-01-02 03:04:05'"], 'Field.dateTime({ digits: 6, trim: true'],
  ['datetime', ["'2026-01-02 03:04:05.120000'"], 'Field.dateTime({ digits: 6,'],
  ['DATETIME', ["'2026-01-02 03:04:05.120 +00:00'"], "Field.dateTime({ zone: ' +00:00'"],
  ['DATETIME', ["'2026-01-02T03:04:05.120Z'"], "Field.dateTime({ storage: 'iso'"],
  [
    'DATETIME',
    ["'2026-01-02T03:04:05.1200001'", "'2026-01-02T03:04:05.12'"],
    "storage: 'iso', zone: '', digits: 7, trim: 'zeros'",
  ],
  ['datetime', ['1767323045123', '1767323045000'], "Field.dateTime({ storage: 'milliseconds'"],
  ['timestamp', ['1767323045'], "Field.dateTime({ storage: 'seconds'"],
  ['timestamp', ['2461042.5', '2461043.25'], "Field.dateTime({ storage: 'julian'"],
  ['date', ["'2026-01-02'"], 'Field.date({ '],
  ['date', ['1767312000000'], "Field.date({ storage: 'milliseconds'"],
  ['time', ["'10:00'"], 'Field.time({ '],
  ['DECIMAL(10,2)', ['5', '5.5'], "Field.decimal({ precision: 10, scale: 2, storage: 'numeric'"],
  ['DECIMAL(30,2)', ['1.125', '5'], "Field.decimal({ precision: 18, scale: 3, storage: 'numeric'"],
  ['decimal_text(30,2)', ["'1.125'", "'5'"], 'Field.decimal({ precision: 31, scale: 3, nullable: true,'],
  ['NUMERIC(40)', [], 'Field.decimal({ precision: 18, '],
  ['MONEY_TEXT', ["'5.50x'"], 'Field.text({ '],
  ['boolean', ['1', '0'], 'Field.boolean({ '],
  ['boolean', ["'t'", "'f'"], "Field.boolean({ storage: 'text', words: ['t', 'f']"],
  ['uuid', ["'F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6'"], "Field.uuid({ storage: 'upper'"],
  ['char(32)', ["'f81d4fae7dec41d0a76500a0c91e6bf6'"], "Field.uuid({ storage: 'hex'"],
  ['char(32)', ["'7d793037a0760186574b0282f2f435e7'"], 'Field.string({ max: 32,'],
  ['uuid_hex', ["'7d793037a0760186574b0282f2f435e7'"], "Field.uuid({ storage: 'hex'"],
  ['uuid', ["x'f81d4fae7dec41d0a76500a0c91e6bf6'"], "Field.uuid({ storage: 'blob'"],
  ['char(36)', ["'not a uuid'"], 'Field.string({ max: 36,'],
  ['json', [`'{"a":1}'`], 'Field.json({ '],
  ['integer', ['9007199254740993'], 'Field.bigInteger({ '],
  ['varchar(80)', ["'a'"], 'Field.string({ max: 80,'],
  ['', ["'a'", "'b'"], 'Field.text({ '],
]

it('finds how the columns of SQLite files are stored, by their values', async () => {
  await using db = await Database.connect({ name: 'forms', url: 'sqlite::memory:' })
  const columns = FORMS.map(([declared], i) => `c${i} ${declared}`)
  await db.execute(sql.raw(`create table forms (id integer primary key, ${columns.join(', ')})`))
  for (const row of [0, 1])
    await db.execute(
      sql.raw(`insert into forms values (${[row, ...FORMS.map(([, values]) => values[row] ?? 'null')].join(', ')})`),
    )
  await db.execute(sql.raw('create table mixed (id integer primary key, at datetime, price decimal)'))
  await db.execute(sql.raw("insert into mixed values (1, 1767323045123, 5), (2, '2026-01-02 03:04:05', 'x')"))
  const inspection = await inspectDatabase(db, () => true)
  expect(inspection.differences).toEqual([])
  write(inspection)
  const lines =
    inspection.files
      .find(({ path }) => path === 'form.ts')
      ?.text.replace(/\(\{\n\s*/g, '({ ')
      .split(/\n\s+(?=c\d+: )/) ?? []
  for (const [i, [, , field]] of FORMS.entries())
    expect(lines.find((line) => line.trim().startsWith(`c${i}: `))).toContain(field)
  expect(inspection.models.find(({ table }) => table === 'mixed')?.notes).toEqual([
    expect.stringContaining('at: it holds date-times in several forms (1 milliseconds, 1 like "0000-00-00 00:00:00")'),
    expect.stringContaining('price: it holds values of several kinds (1 integer, 1 text)'),
  ])
})

it('says of a SQLite view that it can not read', async () => {
  await using db = await Database.connect({ name: 'unreadable', url: 'sqlite::memory:' })
  await db.execute(sql.raw('create table notes (id integer primary key, body text not null)'))
  await db.execute(sql.raw("insert into notes values (1, 'not json')"))
  await db.execute(sql.raw("create view parts as select id, json_extract(body, '$.a') as part from notes"))
  const { models: described, files } = await inspectDatabase(db, () => true)
  expect(files.map(({ path }) => path)).toEqual(['note.ts', 'part.ts'])
  expect(described.find(({ table }) => table === 'parts')?.notes).toEqual([
    expect.stringContaining('The view has no key'),
    expect.stringMatching(/^id: the values of "parts" can't be read, .*malformed JSON/),
  ])
})

it('writes files that the compiler takes in strict mode, and the formatter leaves as they are', async () => {
  expect(written).toBeGreaterThan(8)
  const run = (command: string, ...words: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(root, 'node_modules', command), ...words], { cwd: root }).then(
      ({ stdout, stderr }) => `${stdout}${stderr}`,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
    )
  const config = join(root, 'biome.json')
  const formatted = `--vcs-enabled=false --config-path=${config}`.split(' ')
  expect(await run('@biomejs/biome/bin/biome', 'format', ...formatted, folder)).toMatch(
    /^Checked \d+ files in .*No fixes applied\.\n$/,
  )
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: true,
        typeRoots: [join(root, 'node_modules/@types')],
        paths: { corm: [join(await builtPackage(), 'dist/index.d.ts')] },
      },
      include: ['**/*.ts'],
      exclude: [],
    }),
  )
  expect(await run('typescript7/bin/tsc', '-p', folder, '--singleThreaded')).toBe('')
}, 120_000)
