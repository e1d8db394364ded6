import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import type { SchemaState } from '../../../src/ast/schema.js'
import { type RenameAnswers, renamesBetween } from '../../../src/migration/renames.js'
import { isSameState } from '../../../src/migration/replay.js'
import { diffStates } from '../../../src/schema/diff.js'
import type { MigrationColumn } from '../../../src/types/migration.js'
import { stateAfter } from '../../support/random-schema.js'

const tableOf = (table: string, columns: Record<string, MigrationColumn>): SchemaState =>
  stateAfter([{ op: 'createTable', table, columns: { id: column.id(), ...columns } }])

const answers = (
  columns: Record<string, string | null> = {},
  tables: Record<string, string | null> = {},
): RenameAnswers => ({ columns: new Map(Object.entries(columns)), tables: new Map(Object.entries(tables)) })

describe('renames', () => {
  const before = tableOf('books', { name: column.string(), price: column.integer(), zip: column.char(5) })
  const after = tableOf('books', { title: column.string(), amount: column.integer(), country: column.date() })

  it('are asked for where the types fit, the most similar first', () => {
    const { operations, questions } = renamesBetween(before, after, answers())
    expect(operations).toEqual([])
    expect(questions.map(({ table, from, candidates }) => [table, from, candidates.map(({ to }) => to)])).toEqual([
      ['books', 'name', ['title']],
      ['books', 'price', ['amount']],
      ['books', 'zip', ['title']],
    ])
  })

  it('are made as the answers say, and the rest of the difference follows', () => {
    const given = answers({ 'books.name': 'title', 'books.price': 'amount', 'books.zip': null })
    const { operations, state, questions } = renamesBetween(before, after, given)
    expect(questions).toEqual([])
    expect(operations).toEqual([
      { op: 'renameColumn', table: 'books', from: 'name', to: 'title' },
      { op: 'renameColumn', table: 'books', from: 'price', to: 'amount' },
    ])
    const left = diffStates(state, after, { removal: 'soft', dropRetired: false })
    expect(left.map(({ op }) => op)).toEqual(['addColumn', 'retireColumn'])
  })

  it('of a table keep its columns, keys and indexes', () => {
    const columns = { name: column.string(), other_id: column.integer() }
    const operations = (table: string) => [
      { op: 'createTable' as const, table, columns: { id: column.id(), ...columns } },
      {
        op: 'addForeignKey' as const,
        table,
        name: `${table}_other_id_fkey`,
        columns: ['other_id'],
        references: { table, columns: ['id'] },
      },
      { op: 'createIndex' as const, table, name: `${table}_name_index`, columns: ['name'] },
    ]
    const [old, made] = [stateAfter(operations('people')), stateAfter(operations('persons'))]
    expect(renamesBetween(old, made, answers()).questions).toMatchObject([
      { table: null, from: 'people', candidates: [{ to: 'persons' }] },
    ])
    const { state } = renamesBetween(old, made, answers({}, { people: 'persons' }))
    const left = diffStates(state, made, { removal: 'soft', dropRetired: false })
    expect(left).toEqual([{ op: 'renameIndex', table: 'persons', from: 'people_name_index', to: 'persons_name_index' }])
    expect(isSameState(old, made)).toBe(false)
  })

  it('refuse an answer that fits nothing, and two of one name', () => {
    expect(() => renamesBetween(before, after, answers({ 'books.name': 'tilte' }))).toThrow(/"name" can't be renamed/)
    const twice = answers({ 'books.name': 'title', 'books.zip': 'title' })
    expect(() => renamesBetween(before, after, twice)).toThrow(/"zip" can't be renamed to "title"/)
  })

  it('never pair columns that point at different tables', () => {
    const pointing = (name: string, target: string) =>
      stateAfter([
        { op: 'createTable', table: 'a', columns: { id: column.id() } },
        { op: 'createTable', table: 'b', columns: { id: column.id() } },
        {
          op: 'createTable',
          table: 'c',
          columns: { id: column.id(), [name]: column.integer() },
          foreignKeys: { c_fkey: { columns: [name], references: { table: target, columns: ['id'] } } },
        },
      ])
    expect(renamesBetween(pointing('x_id', 'a'), pointing('y_id', 'b'), answers()).questions).toEqual([])
    expect(renamesBetween(pointing('x_id', 'a'), pointing('y_id', 'a'), answers()).questions).toHaveLength(1)
  })
})
