import { column, type Migration, type MigrationOperation, migration } from 'corm/migration'

// The migrations that several processes run at once, or that a process is killed in.

type Modules = Record<string, Migration>

const LOG: MigrationOperation = {
  op: 'createTable',
  table: 'log',
  columns: { id: column.id(), name: column.string({ max: 50 }) },
}

/** Leaves a trace each time that it is run. */
const trace = (name: string): MigrationOperation => ({
  op: 'data',
  name,
  up: async (m) => void (await m.table('log').insert([{ name }])),
  down: 'none',
})

const id = (i: number) => `202601${String(i).padStart(2, '0')}T000000_m${i}`

export const ROWS = 30

/** Twelve migrations. Each writes its name into `log`, and one of them counts the rows of `counters` up in batches. */
export const starts: Modules = Object.fromEntries(
  Array.from({ length: 12 }, (_, i): [string, Migration] => {
    const parents = i === 0 ? [] : [id(i - 1)]
    if (i === 0)
      return [
        id(i),
        migration({
          parents,
          operations: [
            LOG,
            { op: 'createTable', table: 'counters', columns: { id: column.id(), n: column.integer() } },
            {
              op: 'data',
              name: 'counters',
              up: async (m) => void (await m.table('counters').insert(Array.from({ length: ROWS }, () => ({ n: 0 })))),
              down: 'none',
            },
            trace(id(i)),
          ],
        }),
      ]
    if (i === 6)
      return [
        id(i),
        migration({
          parents,
          transaction: false,
          operations: [
            {
              op: 'data',
              name: 'count',
              async up(m) {
                for await (const rows of m.table('counters').batches(3))
                  for (const row of rows) await m.table('counters').update({ id: row.id }, { n: Number(row.n) + 1 })
              },
              down: 'none',
            },
            // SQLite refuses it in a transaction
            { op: 'sql', up: { sqlite: 'vacuum', default: null }, down: null },
            trace(id(i)),
          ],
        }),
      ]
    return [
      id(i),
      migration({
        parents,
        operations: [
          { op: 'createTable', table: `t${i}`, columns: { id: column.id(), name: column.string({ max: 50 }) } },
          { op: 'createIndex', table: `t${i}`, name: `t${i}_name_index`, columns: ['name'] },
          trace(id(i)),
        ],
      }),
    ]
  }),
)

export const INITIAL = '20260101T000000_initial'
export const CHANGE = '20260102T000000_change'

/** What the database has before the migration in which a process is killed. */
const initial = migration({
  parents: [],
  operations: [
    LOG,
    {
      op: 'createTable',
      table: 'shelves',
      columns: { id: column.id(), name: column.string({ max: 50 }) },
    },
    {
      op: 'createTable',
      table: 'books',
      columns: {
        id: column.id(),
        title: column.string({ max: 100 }),
        pages: column.integer({ nullable: true }),
        year: column.integer({ default: 2000 }),
        old: column.text({ nullable: true }),
      },
    },
    { op: 'createIndex', table: 'books', name: 'books_pages_index', columns: ['pages'] },
    {
      op: 'data',
      name: 'rows',
      async up(m) {
        await m.table('shelves').insert([{ name: 'one' }, { name: 'two' }])
        await m.table('books').insert(Array.from({ length: 20 }, (_, i) => ({ title: `book ${i}`, pages: i })))
      },
      down: 'none',
    },
  ],
})

/** The name that SQL without a probe leaves in `log`. */
export const BLIND = 'blind'

const operations: readonly MigrationOperation[] = [
  {
    op: 'createTable',
    table: 'authors',
    columns: { id: column.id(), name: column.string({ max: 100 }) },
  },
  { op: 'addColumn', table: 'books', column: 'slug', definition: column.string({ max: 60 }), fill: 'none' },
  { op: 'addColumn', table: 'books', column: 'author_id', definition: column.integer({ nullable: true }) },
  {
    op: 'addForeignKey',
    table: 'books',
    name: 'books_author_id_fkey',
    columns: ['author_id'],
    references: { table: 'authors', columns: ['id'] },
  },
  { op: 'renameColumn', table: 'books', from: 'title', to: 'name' },
  trace('data'),
  { op: 'alterColumn', table: 'books', column: 'name', to: column.string({ max: 150 }) },
  {
    op: 'sql',
    up: "insert into log (name) values ('sql')",
    down: "delete from log where name = 'sql'",
    probe: "select 1 from log where name = 'sql'",
  },
  { op: 'dropIndex', table: 'books', name: 'books_pages_index' },
  { op: 'addCheck', table: 'books', name: 'books_year_check', check: (c) => c.year!.gte(0) },
  { op: 'renameTable', table: 'shelves', to: 'racks' },
  { op: 'removeColumn', table: 'books', column: 'old' },
  { op: 'sql', up: `insert into log (name) values ('${BLIND}')`, down: `delete from log where name = '${BLIND}'` },
]

const concurrently: readonly MigrationOperation[] = [
  { op: 'createIndex', table: 'books', name: 'books_slug_index', columns: ['slug'], concurrently: true },
]

/**
 * The twelve operations and one that nobody can ask about: in one transaction where the database can, step by step, and with an
 * index that can't be a part of a transaction and constraints that need more than one.
 */
export const kills = {
  together: migration({ parents: [INITIAL], operations }),
  steps: migration({ parents: [INITIAL], operations, transaction: false }),
  concurrent: migration({
    parents: [INITIAL],
    operations: [...operations.slice(0, 6), ...concurrently, ...operations.slice(6)].map((operation) =>
      operation.op === 'addForeignKey' || operation.op === 'addCheck'
        ? { ...operation, concurrently: true }
        : operation,
    ),
  }),
} satisfies Modules

export type Kind = keyof typeof kills

export const before: Modules = { [INITIAL]: initial }
export const killed = (kind: Kind): Modules => ({ [INITIAL]: initial, [CHANGE]: kills[kind] })
