import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { createMysqlDialect } from '../../../src/dialect/mysql/index.js'
import { postgresDialect } from '../../../src/dialect/postgres/index.js'
import { sqliteDialect } from '../../../src/dialect/sqlite/index.js'
import { migration } from '../../../src/migration/definition.js'
import { LARGE } from '../../../src/migration/large-tables.js'
import { replay } from '../../../src/migration/replay.js'
import { risksOf } from '../../../src/migration/risks.js'
import { risksIn } from '../../../src/migration/stops.js'
import type { MigrationOperation } from '../../../src/types/migration.js'

const DIALECTS = {
  postgres: postgresDialect,
  mysql: createMysqlDialect({ mariadb: true, version: [10, 11, 0] }),
  sqlite: sqliteDialect,
}
type DialectName = keyof typeof DIALECTS

const initial: MigrationOperation[] = [
  { op: 'createTable', table: 'authors', columns: { id: column.id(), name: column.string() } },
  {
    op: 'createTable',
    table: 'books',
    columns: {
      id: column.id(),
      title: column.string({ max: 50 }),
      note: column.text({ nullable: true }),
      pages: column.integer({ default: 0 }),
      author_id: column.integer(),
    },
    checks: { books_pages_check: (c) => c.pages!.gte(0) },
  },
  { op: 'createIndex', table: 'books', name: 'books_title_index', columns: ['title'] },
  { op: 'createView', name: 'titles', sql: { default: 'select title from books' } },
]

const ran = (operations: readonly MigrationOperation[]) =>
  replay([
    { id: 'a', file: migration({ parents: [], operations: initial }) as never },
    { id: 'b', file: migration({ parents: ['a'], operations }) as never },
  ]).migrations

function risks(operations: readonly MigrationOperation[], dialect: DialectName, size = LARGE) {
  const [, second] = ran(operations)
  return risksOf(second?.steps ?? [], { dialect: DIALECTS[dialect], rows: () => size })
}

const addCheck: MigrationOperation = { op: 'addCheck', table: 'books', name: 'few', check: (c) => c.pages!.lt(9999) }
const retype: MigrationOperation = { op: 'alterColumn', table: 'books', column: 'pages', to: column.bigInteger() }
const grow: MigrationOperation = { op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 100 }) }
const index: MigrationOperation = { op: 'createIndex', table: 'books', name: 'by_pages', columns: ['pages'] }

describe('risks of operations', () => {
  it.each<[string, MigrationOperation, Partial<Record<DialectName, string>>]>([
    ['removing a column', { op: 'removeColumn', table: 'books', column: 'note' }, all('loses')],
    ['dropping a table', { op: 'dropTable', table: 'authors' }, all('loses')],
    ['a smaller type', { ...grow, to: column.string({ max: 10 }) } as MigrationOperation, all('loses')],
    ['renaming a column', { op: 'renameColumn', table: 'books', from: 'note', to: 'text' }, all('breaks-old-code')],
    ['renaming a table', { op: 'renameTable', table: 'books', to: 'works' }, all('breaks-old-code')],
    [
      'a NOT NULL column without a default',
      { op: 'addColumn', table: 'books', column: 'slug', definition: column.string(), fill: 'x' },
      all('breaks-old-code'),
    ],
    ['NOT NULL', { op: 'alterColumn', table: 'books', column: 'note', to: column.text() }, all('breaks-old-code')],
    ['a wider type', retype, all('breaks-old-code')],
    ['a longer text', grow, { mysql: 'rewrites', sqlite: 'rewrites' }],
    ['a check', addCheck, { postgres: 'blocks', mysql: 'rewrites', sqlite: 'blocks' }],
    [
      'a check added concurrently',
      { ...addCheck, concurrently: true } as MigrationOperation,
      { mysql: 'rewrites', sqlite: 'blocks' },
    ],
    ['an index', index, { postgres: 'blocks', sqlite: 'blocks' }],
    ['an index made concurrently', { ...index, concurrently: true } as MigrationOperation, { sqlite: 'blocks' }],
    [
      'a foreign key',
      {
        op: 'addForeignKey',
        table: 'books',
        name: 'books_author_fkey',
        columns: ['author_id'],
        references: { table: 'authors', columns: ['id'] },
      },
      { postgres: 'blocks', mysql: 'rewrites', sqlite: 'rewrites' },
    ],
    [
      'a nullable column',
      { op: 'addColumn', table: 'books', column: 'isbn', definition: column.string({ nullable: true }) },
      {},
    ],
    [
      'a constant default',
      { op: 'addColumn', table: 'books', column: 'stars', definition: column.integer({ default: 1 }) },
      {},
    ],
    [
      'a default that differs from row to row',
      { op: 'addColumn', table: 'books', column: 'ref', definition: column.uuid({ default: 'uuid' }) },
      { postgres: 'rewrites', mysql: 'rewrites' },
    ],
    ['retiring a column', { op: 'retireColumn', table: 'books', column: 'note' }, {}],
    ['dropping a check', { op: 'dropCheck', table: 'books', name: 'books_pages_check' }, {}],
    ['dropping an index', { op: 'dropIndex', table: 'books', name: 'books_title_index' }, {}],
    ['a comment', { op: 'alterComment', table: 'books', comment: 'All books.' }, { sqlite: 'rewrites' }],
    ['dropping a view', { op: 'dropView', name: 'titles' }, {}],
  ])('%s', (_what, operation, levels) => {
    for (const dialect of Object.keys(DIALECTS) as DialectName[]) {
      const [first] = risks([operation], dialect)
      expect([dialect, first?.level]).toEqual([dialect, levels[dialect]])
    }
  })

  it('waiting is no risk for small tables, losing data is', () => {
    for (const dialect of Object.keys(DIALECTS) as DialectName[])
      expect(risks([addCheck, index, grow], dialect, LARGE - 1)).toEqual([])
    expect(risks([{ op: 'removeColumn', table: 'books', column: 'note' }], 'postgres', 0)).toHaveLength(1)
  })

  it('say what is locked, and what to write instead', () => {
    expect(risks([{ ...addCheck, safe: 'few rows at night' } as MigrationOperation], 'postgres')).toEqual([
      {
        index: 0,
        operation: 'add check few to books',
        level: 'blocks',
        why: 'reads all rows; reads and writes wait meanwhile',
        instead: 'Add the check with "concurrently: true".',
        lock: 'ACCESS EXCLUSIVE',
        rewrites: false,
        blocksReads: true,
        blocksWrites: true,
        safe: 'few rows at night',
      },
    ])
    expect(risks([{ op: 'removeColumn', table: 'books', column: 'note' }], 'mysql')[0]?.instead).toMatch(/^Retire/)
  })

  it('a column that was retired is removed without advice', () => {
    const steps: MigrationOperation[] = [
      { op: 'retireColumn', table: 'books', column: 'note' },
      { op: 'removeColumn', table: 'books', column: 'note' },
    ]
    expect(risks(steps, 'sqlite')).toMatchObject([{ index: 1, level: 'loses', instead: null }])
  })

  it('tables that the same run creates have none', () => {
    const context = { dialect: postgresDialect, rows: () => undefined }
    const operations: MigrationOperation[] = [
      { op: 'renameColumn', table: 'books', from: 'note', to: 'text' },
      index,
      { op: 'dropTable', table: 'authors' },
    ]
    const [first, second] = ran(operations)
    expect(
      risksIn(
        [first, second].flatMap((each) => each ?? []),
        context,
      ),
    ).toEqual([])
    expect(risksIn(second === undefined ? [] : [second], context).map(({ level }) => level)).toEqual([
      'breaks-old-code',
      'blocks',
      'loses',
    ])
  })
})

function all(level: string): Record<DialectName, string> {
  return { postgres: level, mysql: level, sqlite: level }
}
