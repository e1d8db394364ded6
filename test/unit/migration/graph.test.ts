import { column, migration } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { EMPTY, type SchemaState } from '../../../src/ast/schema.js'
import { MigrationConflictError, MigrationError } from '../../../src/errors.js'
import { isSchema, type MigrationFile, type Operation } from '../../../src/migration/definition.js'
import { isSameState, replay, replayOne } from '../../../src/migration/replay.js'
import { squashed } from '../../../src/migration/squash.js'
import { diffStates } from '../../../src/schema/diff.js'
import { applied } from '../../../src/schema/operation/index.js'
import type { MigrationOperation } from '../../../src/types/migration.js'
import { Random, randomSchema, stateAfter } from '../../support/random-schema.js'

const named = (id: string, parents: readonly string[], ...operations: readonly MigrationOperation[]) => ({
  id,
  file: migration({ parents, operations }) as MigrationFile,
})

const books = named('1_books', [], {
  op: 'createTable',
  table: 'books',
  columns: { id: column.id(), title: column.string(), price: column.integer() },
})
const addColumn = (name: string): MigrationOperation => ({
  op: 'addColumn',
  table: 'books',
  column: name,
  definition: column.text({ nullable: true }),
})

describe('the order of migrations', () => {
  it('has each after its parents, whatever the names of the files', () => {
    const { migrations, heads, state } = replay([
      named('0_late', ['1_books'], addColumn('body')),
      books,
      named('2_more', ['0_late'], addColumn('slug')),
    ])
    expect(migrations.map(({ id }) => id)).toEqual(['1_books', '0_late', '2_more'])
    expect(heads).toEqual(['2_more'])
    expect(state.tables.get('books')?.columns.map(({ name }) => name)).toEqual(['id', 'title', 'price', 'body', 'slug'])
  })

  it('may have two heads that touch different things, and both orders give one schema', () => {
    const [a, b] = [named('2_a', ['1_books'], addColumn('a')), named('2_b', ['1_books'], addColumn('b'))]
    const first = replay([books, a, b])
    expect(first.heads).toEqual(['2_a', '2_b'])
    const other = replayOne(a, replayOne(b, replay([books]).state).after)
    expect(isSameState(first.state, other.after)).toBe(true)
  })

  it.each([
    ['the same column', [addColumn('a')], [{ op: 'renameColumn', table: 'books', from: 'title', to: 'a' }]],
    ['a table and its column', [addColumn('a')], [{ op: 'renameTable', table: 'books', to: 'volumes' }]],
    [
      'an index and its column',
      [{ op: 'createIndex', table: 'books', name: 'i', columns: ['title'] }],
      [{ op: 'removeColumn', table: 'books', column: 'title' }],
    ],
    ['SQL and anything', [addColumn('a')], [{ op: 'sql', up: 'select 1', down: null }]],
  ] as [string, MigrationOperation[], MigrationOperation[]][])('refuses two heads that touch %s', (_, one, two) => {
    const all = [books, named('2_a', ['1_books'], ...one), named('2_b', ['1_books'], ...two)]
    expect(() => replay(all)).toThrow(MigrationError)
  })

  it('refuses circles, doubles and missing parents', () => {
    expect(() => replay([named('a', ['b']), named('b', ['a'])])).toThrow(/each other's parents: a, b/)
    expect(() => replay([named('a', []), named('a', [])])).toThrow(MigrationConflictError)
    expect(() => replay([named('a', ['gone'])])).toThrow(/a names gone/)
  })

  it('names the operation that does not fit', () => {
    const wrong = named('2_wrong', ['1_books'], { op: 'removeColumn', table: 'books', column: 'nothing' })
    expect(() => replay([books, wrong])).toThrow(
      /Operation 1 \("removeColumn"\) of the migration "2_wrong": There is no column/,
    )
    const typo = named('2_typo', ['1_books'], { op: 'addColum' } as unknown as MigrationOperation)
    expect(() => replay([books, typo])).toThrow(/no operation "addColum" in migrations. Did you mean "addColumn"/)
  })
})

describe('checksums', () => {
  const checksum = (...operations: readonly MigrationOperation[]) =>
    replay([named('x', [], ...operations)]).migrations[0]?.checksum

  it('are equal for the same operations, however they are written', () => {
    const one = checksum({
      op: 'createTable',
      table: 'a',
      columns: { id: column.id(), n: column.integer() },
      checks: { c: (c) => c.n!.gte(0) },
    })
    const two = checksum({
      checks: { c: (it) => it.n!.gte(0) },
      columns: { id: column.id(), n: column.integer({ nullable: false }) },
      table: 'a',
      op: 'createTable',
    })
    expect(one).toBe(two)
  })

  it('differ for another default', () => {
    const of = (value: string) =>
      checksum({ op: 'createTable', table: 'a', columns: { id: column.id(), n: column.decimal({ default: value }) } })
    expect(of('1.50')).toBe(of('1.5000'))
    expect(of('1.50')).not.toBe(of('1.51'))
  })
})

const stateOf = (operations: readonly Operation[]) =>
  operations.filter(isSchema).reduce((state, operation) => applied(operation, state), EMPTY)

describe('squashing', () => {
  it('creates what was created and altered as it is now, and leaves out what is gone', () => {
    const { migrations, state } = replay([
      books,
      named('2', ['1_books'], addColumn('body'), { op: 'createTable', table: 'temp', columns: { id: column.id() } }),
      named(
        '3',
        ['2'],
        { op: 'renameColumn', table: 'books', from: 'title', to: 'name' },
        { op: 'removeColumn', table: 'books', column: 'body' },
        { op: 'dropTable', table: 'temp' },
      ),
    ])
    const operations = squashed(migrations)
    expect(operations.map(({ op }) => op)).toEqual(['createTable'])
    expect(isSameState(stateOf(operations), state)).toBe(true)
  })

  it('leads to the same schema for random histories', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed)
      const states = [EMPTY, ...[1, 2, 3].map(() => stateAfter(randomSchema(random)))]
      const steps = states.slice(1).flatMap((state, i) => {
        let before = states[i] as SchemaState
        return diffStates(before, state, { removal: 'hard', dropRetired: true }).map((operation) => {
          const step = { operation, before, safe: null }
          before = applied(operation, before)
          return step
        })
      })
      const all = { id: 'x', file: books.file, steps, after: states.at(-1) as SchemaState, checksum: '' }
      const operations = squashed([all])
      expect(isSameState(stateOf(operations), all.after), `seed ${seed}`).toBe(true)
      expect(operations.length, `seed ${seed}`).toBeLessThanOrEqual(steps.length)
    }
  })

  it('keeps SQL and changes of data in their place, unless they may be left out', () => {
    const { migrations } = replay([
      books,
      named(
        '2',
        ['1_books'],
        { op: 'data', name: 'fill', up: () => undefined, elidable: true },
        { op: 'sql', up: 'select 1', down: null },
      ),
      named('3', ['2'], addColumn('slug')),
    ])
    expect(squashed(migrations).map(({ op }) => op)).toEqual(['createTable', 'sql', 'addColumn'])
  })
})
