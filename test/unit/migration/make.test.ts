import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { EMPTY, type SchemaState } from '../../../src/ast/schema.js'
import { locks as mysqlLocks } from '../../../src/dialect/mysql/locks.js'
import { locks as postgresLocks } from '../../../src/dialect/postgres/locks.js'
import { locks as sqliteLocks } from '../../../src/dialect/sqlite/locks.js'
import { fileName, type MakeRequest, makeMigration } from '../../../src/migration/make.js'
import type { MigrationColumn, MigrationOperation } from '../../../src/types/migration.js'
import { stateAfter } from '../../support/random-schema.js'

const books = (columns: Record<string, MigrationColumn>) =>
  stateAfter([{ op: 'createTable', table: 'books', columns: { id: column.id(), ...columns } }])

const [postgres, mysql, sqlite] = [
  { name: 'postgres', locks: postgresLocks },
  { name: 'mysql', locks: mysqlLocks },
  { name: 'sqlite', locks: sqliteLocks },
] as const

const request = (more: Partial<MakeRequest>): MakeRequest => ({
  from: EMPTY,
  to: EMPTY,
  parents: ['20260101T000000_initial'],
  renames: { tables: new Map(), columns: new Map() },
  fills: new Map(),
  name: null,
  now: new Date('2026-11-29T07:12:03.456Z'),
  dropRetired: false,
  dialect: null,
  safe: false,
  ...more,
})

describe('making a migration', () => {
  it('writes a file of operations, named by the time and what it does', () => {
    const made = makeMigration(request({ to: books({ title: column.string({ max: 200 }) }), parents: [] }))
    expect(made).toMatchObject({ kind: 'migration', id: '20261129T071203_initial' })
    expect(made.kind === 'migration' && made.text).toBe(
      `import { column, migration } from 'corm/migration'

export default migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'books', columns: { id: column.id(), title: column.string({ max: 200 }) } },
  ],
})
`,
    )
  })

  it.each([
    ['20261129T071203_z', '20261129T071204_create_table_books'],
    ['20261231T235959_z', '20270101T000000_create_table_books'],
    ['20260101T000000_z', '20261129T071203_create_table_books'],
    ['by_hand', '20261129T071203_create_table_books'],
    ['99999999T999999_z', '20261129T071203_create_table_books'],
  ])('names it so that it comes after its parents: %s', (parent, id) => {
    expect(makeMigration(request({ to: books({}), parents: [parent, '20200101T000000_a'] }))).toMatchObject({ id })
  })

  it('does nothing where models and migrations agree', () => {
    const state = books({ title: column.string() })
    expect(makeMigration(request({ from: state, to: state }))).toEqual({ kind: 'nothing' })
  })

  it('asks for a rename, and writes nothing before it is answered', () => {
    const [from, to] = [books({ name: column.string() }), books({ title: column.string() })]
    const asked = makeMigration(request({ from, to, fills: new Map([['books.title', '']]) }))
    expect(asked).toMatchObject({ kind: 'questions', renames: [{ table: 'books', from: 'name' }] })
    const renames = { tables: new Map(), columns: new Map([['books.name', 'title']]) }
    expect(makeMigration(request({ from, to, renames }))).toMatchObject({
      id: '20261129T071203_rename_column_books_name_title',
      operations: [{ op: 'renameColumn', table: 'books', from: 'name', to: 'title' }],
    })
  })

  it('asks for the value of existing rows', () => {
    const [from, to] = [books({}), books({ slug: column.string(), pages: column.integer({ default: 0 }) })]
    expect(makeMigration(request({ from, to }))).toEqual({ kind: 'questions', renames: [], fills: ['books.slug'] })
    const made = makeMigration(request({ from, to, fills: new Map([['books.slug', 'x']]) }))
    expect(made.kind === 'migration' && made.text).toContain("definition: column.string({ max: 255 }), fill: 'x' }")
    expect(() => makeMigration(request({ from, to, fills: new Map([['books.slog', 'x']]) }))).toThrow(/"books.slog"/)
  })

  it('retires what is gone, and drops it later with a comment that says so', () => {
    const [from, to] = [books({ note: column.date() }), books({})]
    const soft = makeMigration(request({ from, to }))
    expect(soft).toMatchObject({ operations: [{ op: 'retireColumn', table: 'books', column: 'note' }] })
    const retired = books({ note: column.date({ nullable: true, retired: true }) })
    expect(makeMigration(request({ from: retired, to }))).toEqual({ kind: 'nothing' })
    const hard = makeMigration(request({ from: retired, to, dropRetired: true }))
    expect(hard.kind === 'migration' && hard.text).toContain(
      `    // loses data\n    { op: 'removeColumn', table: 'books', column: 'note' },\n`,
    )
  })

  it.each([
    ['../../etc/passwd', 'etc_passwd'],
    ['con', '_con'],
    ['Ünï codé', 'n_cod'],
    ['', 'changes'],
    ['a'.repeat(80), 'a'.repeat(60)],
    ['*/ process.exit()', 'process_exit'],
    [`${'word '.repeat(12)}words`, `${'word_'.repeat(11)}word`],
  ])('makes a safe file name of %j', (given, name) => {
    expect(fileName(given)).toBe(name)
  })

  it('renames a column through a second one, if programs must survive it', () => {
    const [from, to] = [books({ name: column.string() }), books({ title: column.string() })]
    const renames = { tables: new Map(), columns: new Map([['books.name', 'title']]) }
    const made = makeMigration(request({ from, to, renames, safe: true }))
    if (made.kind !== 'migration') throw new Error(made.kind)
    expect(made.text).toBe(`import { column, migration, oneOf, sql } from 'corm/migration'

export default migration({
  parents: ['20260101T000000_initial'],
  transaction: false,
  operations: [
    { op: 'addColumn', table: 'books', column: 'title', definition: column.string({ max: 255, nullable: true }) },
    { op: 'alterColumn', table: 'books', column: 'name', to: column.string({ max: 255, nullable: true }) },
    { op: 'mirrorColumn', table: 'books', from: 'name', to: 'title' },
    {
      op: 'data',
      name: 'copy books.name to title',
      async up(data) {
        const rows = data.table('books')
        for await (const batch of rows.batches())
          await rows.update({ id: oneOf(batch.map((row) => row.id)), title: null }, { title: sql.id('name') })
      },
      down: 'none',
    },
  ],
})
`)
    expect(made.contract?.text).toContain(`      up() {},
      async down(data) {
        const rows = data.table('books')
        for await (const batch of rows.batches())
          await rows.update({ id: oneOf(batch.map((row) => row.id)) }, { name: sql.id('title') })
      },
    },
    { op: 'unmirrorColumn',`)
  })

  it('renames columns at once that can not be two', () => {
    const tables = (name: string, more: object = {}) =>
      stateAfter([
        { op: 'createTable', table: 'books', columns: { [name]: column.string(), id: column.id() }, ...more },
        {
          op: 'createTable',
          table: 'pages',
          columns: { id: column.id(), book: column.string() },
          foreignKeys: { pages_book_fkey: { columns: ['book'], references: { table: 'books', columns: [name] } } },
        },
      ])
    const keyed = (name: string) =>
      stateAfter([{ op: 'createTable', table: 'books', columns: { [name]: column.string() }, primaryKey: [name] }])
    const computed = (name: string) =>
      books({ [name]: column.string(), loud: column.text({ generated: (c) => c[name]!.upper(), nullable: true }) })
    const renames = { tables: new Map(), columns: new Map([['books.name', 'title']]) }
    const states = [
      [tables('name'), tables('title')],
      [keyed('name'), keyed('title')],
      [computed('name'), computed('title')],
      [books({ name: column.string() }), books({ title: column.text() })],
    ] as const
    for (const [from, to] of states) {
      const made = makeMigration(request({ from, to, renames, safe: true }))
      expect(made.kind === 'migration' && made.operations[0]).toMatchObject({ op: 'renameColumn' })
    }
  })

  const retyped = (from: SchemaState, to: SchemaState, more: Partial<MakeRequest> = {}) => {
    const made = makeMigration(request({ from, to, safe: true, ...more }))
    if (made.kind !== 'migration') throw new Error(made.kind)
    return made
  }

  it('changes a type through a second column, if programs would wait', () => {
    const [from, to] = [books({ pages: column.integer() }), books({ pages: column.bigInteger() })]
    const dialects = [postgres, mysql]
    for (const dialect of [null, ...dialects]) {
      const made = retyped(from, to, { dialect })
      expect(made.text).toContain(`  operations: [
    { op: 'addColumn', table: 'books', column: 'pages_other_type', definition: column.bigInteger({ nullable: true }) },
    { op: 'mirrorColumn', table: 'books', from: 'pages', to: 'pages_other_type', oneWay: true },
    {
      op: 'data',
      name: 'copy books.pages to pages_other_type',
      async up(data) {
        const rows = data.table('books')
        for await (const batch of rows.batches())
          await rows.update({ id: oneOf(batch.map((row) => row.id)), pages_other_type: null }, { pages: sql.id('pages') })
      },
      down: 'none',
    },
  ],
`)
      expect(made.contract?.text).toContain(`  operations: [
    {
      op: 'swapColumns',
      table: 'books',
      column: 'pages',
      with: 'pages_other_type',
      to: column.bigInteger(),
      safe: 'it waits for the deployment',
    },
`)
    }
    const inPlace = "{ op: 'alterColumn', table: 'books', column: 'pages', to: column.bigInteger() }"
    expect(retyped(from, to, { dialect: sqlite }).text).toContain(inPlace)
    const longer = [books({ name: column.string({ max: 80 }) }), books({ name: column.string({ max: 90 }) })] as const
    for (const dialect of [null, ...dialects])
      expect(retyped(...longer, { dialect }).text).toContain("op: 'alterColumn'")
    expect(retyped(books({ note: column.text() }), books({ note: column.integer() })).contract?.text).toContain(
      "    // until this has run, programs find the old type, and then the new one: stop those that can not use both\n    {\n      op: 'swapColumns'",
    )
  })

  it('says why a type is changed in place', () => {
    const table = (type: MigrationColumn, more: object = {}, after: readonly MigrationOperation[] = []) =>
      stateAfter([
        { op: 'createTable', table: 'books', columns: { id: column.id(), pages: type }, ...more },
        ...after,
      ] as MigrationOperation[])
    const [integer, big] = [column.integer(), column.bigInteger()]
    const loud = (type: MigrationColumn) =>
      books({ pages: type, twice: column.bigInteger({ generated: (c) => c.pages!.plus(1), nullable: true }) })
    const key = { primaryKey: ['id', 'pages'] }
    const none = { columns: { pages: integer }, primaryKey: [] }
    const check = { checks: { positive: (c: any) => c.pages.gt(0) } }
    const index = { op: 'createIndex', table: 'books', name: 'by_pages', columns: ['pages'] } as const
    const view = { op: 'createView', name: 'long', sql: 'select id from Books' } as const
    const states: readonly (readonly [SchemaState, SchemaState, string])[] = [
      [table(integer, key), table(big, key), 'is part of the primary key'],
      [table(integer, none), table(big, { ...none, columns: { pages: big } }), 'is in a table without a primary key'],
      [table(integer, check), table(big, check), 'is part of a check'],
      [loud(integer), loud(big), 'is read by a generated column'],
      [table(integer), table(big, {}, [index]), 'gets or loses an index as well'],
      [table(integer, {}, [view]), table(big, {}, [view]), 'is in a table that a view reads'],
      [table(column.json()), table(column.text()), 'has a type that triggers do not convert'],
      [table(column.integer({ nullable: true })), table(big), 'takes no NULL any more as well'],
    ]
    for (const [from, to, why] of states) {
      const { text } = retyped(from, to)
      expect(text).toContain(`    // it has no form in which programs don't wait: the column ${why}\n`)
      expect(text).not.toContain('mirrorColumn')
    }
  })
})
