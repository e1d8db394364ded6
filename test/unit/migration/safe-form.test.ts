import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { printMigration } from '../../../src/migration/printer.js'
import { safeForm } from '../../../src/migration/safe-form.js'
import { diffStates } from '../../../src/schema/diff.js'
import type { MigrationColumn, MigrationOperation } from '../../../src/types/migration.js'
import { stateAfter } from '../../support/random-schema.js'

const books = (columns: Record<string, MigrationColumn>, index = false) =>
  stateAfter([
    { op: 'createTable', table: 'books', columns: { id: column.id(), ...columns } },
    ...(index ? [{ op: 'createIndex', table: 'books', name: 'by_title', columns: ['title'] } as const] : []),
  ])

describe('changes that running programs survive', () => {
  it('add a NOT NULL column as nullable, and fill it after the deployment', () => {
    const [from, to] = [books({ title: column.string() }), books({ title: column.string(), slug: column.string() })]
    const operations = diffStates(from, to, { removal: 'soft', dropRetired: false }).map((each) =>
      each.op === 'addColumn' ? { ...each, fill: "it's new" } : each,
    )
    const { expand, contract } = safeForm(operations, { from, models: to, locks: null })
    expect(expand).toMatchObject([{ op: 'addColumn', column: { name: 'slug', nullable: true }, fill: undefined }])
    expect(contract.map(({ op }) => op)).toEqual(['fillInBatches', 'alterColumn'])
    const text = printMigration({
      parents: ['x'],
      operations: contract,
      comments: new Map(),
      squashes: [],
      after: 'deploy',
    })
    expect(text).toBe(`import { column, migration, oneOf } from 'corm/migration'

export default migration({
  parents: ['x'],
  after: 'deploy',
  transaction: false,
  operations: [
    {
      op: 'data',
      name: 'fill books.slug',
      async up(data) {
        const rows = data.table('books')
        for await (const batch of rows.batches())
          await rows.update({ id: oneOf(batch.map((row) => row.id)), slug: null }, { slug: "it's new" })
      },
      down: 'none',
    },
    { op: 'alterColumn', table: 'books', column: 'slug', to: column.string({ max: 255 }) },
  ],
})
`)
  })

  it('make indexes of tables that are in use without blocking writes, and those of new tables as usual', () => {
    const [from, to] = [books({ title: column.string() }), books({ title: column.string() }, true)]
    const change = diffStates(from, to, { removal: 'soft', dropRetired: false })
    expect(safeForm(change, { from, models: to, locks: null }).expand).toMatchObject([
      { op: 'createIndex', concurrently: true },
    ])
    const fresh = diffStates(stateAfter([]), to, { removal: 'soft', dropRetired: false })
    expect(safeForm(fresh, { from: stateAfter([]), models: to, locks: null }).expand).toMatchObject([
      { op: 'createTable' },
      { op: 'createIndex', concurrently: false },
    ])
  })

  it('add checks to tables that are in use in two steps, and to new tables in one', () => {
    const from = books({ title: column.string() })
    const checks: MigrationOperation = { op: 'addCheck', table: 'books', name: 'named', check: (c) => c.title!.ne('') }
    const created: MigrationOperation = {
      op: 'createTable',
      table: 'books',
      columns: { id: column.id(), title: column.string() },
    }
    const change = diffStates(from, stateAfter([created, checks]), { removal: 'soft', dropRetired: false })
    const { expand } = safeForm(change, { from, models: from, locks: null })
    expect(expand).toMatchObject([{ op: 'addCheck', concurrently: true }])
    expect(
      printMigration({ parents: [], operations: expand, comments: new Map(), squashes: [], after: null }),
    ).toContain("check: (c) => c.title!.ne(''), concurrently: true }")
    const fresh = stateAfter([])
    expect(
      safeForm(diffStates(fresh, from, { removal: 'soft', dropRetired: false }).concat(change), {
        from: fresh,
        models: from,
        locks: null,
      }).expand.at(-1),
    ).toEqual(change[0])
  })

  it('leave what removes, and what refuses NULL, for after the deployment', () => {
    const [from, to] = [
      books({ title: column.string({ nullable: true }), note: column.text({ nullable: true }) }),
      books({ title: column.string() }),
    ]
    const change = diffStates(from, to, { removal: 'hard', dropRetired: false })
    const { expand, contract } = safeForm(change, { from, models: to, locks: null })
    expect(expand).toEqual([])
    expect(contract.map(({ op }) => op).sort()).toEqual(['alterColumn', 'removeColumn'])
  })
})
