import * as library from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { canonicalText } from '../../../src/ast/canonical.js'
import type { SchemaOperation } from '../../../src/ast/schema.js'
import { MigrationFile } from '../../../src/migration/definition.js'
import { printMigration } from '../../../src/migration/printer.js'
import { replayOne } from '../../../src/migration/replay.js'
import { diffStates } from '../../../src/schema/diff.js'
import type { MigrationOperation } from '../../../src/types/migration.js'
import { leavesLongOut } from '../../support/long-files.js'
import { exportOf } from '../../support/migrations.js'
import { Random, randomSchema, stateAfter } from '../../support/random-schema.js'

const print = (operations: readonly SchemaOperation[]) =>
  printMigration({ parents: ["a'b", 'c'], operations, comments: new Map(), squashes: [], after: null })

const SEEDS = leavesLongOut ? 50 : 200
const HARD = { removal: 'hard', dropRetired: true } as const

describe('the printer of migrations', () => {
  it('writes files that give the same operations', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const operations = diffStates(a, b, HARD)
      const text = print(operations)
      const file = exportOf(text)
      expect(file.parents).toEqual(["a'b", 'c'])
      const { steps } = replayOne({ id: 'x', file }, a)
      expect(canonicalText(steps.map(({ operation }) => operation)), `seed ${seed}`).toBe(canonicalText(operations))
    }
  })

  it.each([
    ['a text with quotes', (c: any) => c.name.ne(`it's "new" \u2028 \\ \n`)],
    [
      'logic',
      (c: any) => library.and(c.int.gt(1), library.or(c.int.lt(9), c.name.isNull()), library.not(c.flag) as any),
    ],
    ['a list', (c: any) => c.name.in(['a', "b'"])],
    ['a range', (c: any) => c.price.between('1.50', '9.99')],
    [
      'patterns',
      (c: any) => library.or(c.name.like('a%'), c.name.startsWith('x'), library.not(c.name.contains('y')) as any),
    ],
    ['arithmetic', (c: any) => c.int.times(2).plus(c.small).gte(0)],
    ['functions', (c: any) => c.name.lower().trim().length().lte(20)],
    ['coalesce', (c: any) => c.name.coalesce('').ne('x')],
    ['dates', (c: any) => c.at.year().gte(2000)],
    ['a case', (c: any) => library.caseWhen(c.flag, 1).when(c.int.gt(2), 2).else(3).gt(0) as any],
    ['raw SQL', (c: any) => library.sql`length(${c.name}) > ${3} and '\`\${x}' <> ''`],
    ['concat', (c: any) => library.fn.concat(c.name, '-', c.code).ne('-')],
    ['greatest', (c: any) => library.fn.greatest(c.int, c.small).gt(0)],
  ])('writes a check with %s', (_, check) => {
    const { column } = library
    const operation = {
      op: 'createTable',
      table: 'things',
      columns: {
        id: column.id(),
        name: column.string({ nullable: true }),
        code: column.char(2),
        int: column.integer(),
        small: column.smallInteger(),
        price: column.decimal({ precision: 8, scale: 2 }),
        flag: column.boolean(),
        at: column.dateTime(),
      },
      checks: { things_check: check },
    } as unknown as MigrationOperation
    const file = new MigrationFile({ parents: [], operations: [operation] })
    const [step] = replayOne({ id: 'x', file }, stateAfter([])).steps
    const operations = [step!.operation as SchemaOperation]
    const again = replayOne({ id: 'x', file: exportOf(print(operations)) }, stateAfter([])).steps
    expect(canonicalText(again.map(({ operation: each }) => each))).toBe(canonicalText(operations))
  })

  it('writes columns that compile under noUncheckedIndexedAccess', () => {
    const { column } = library
    const columns = { id: column.id(), 'list price': column.integer(), net: column.integer() }
    const checks = { sane: (c: library.MigrationTableColumns) => c['list price']!.gte(c.net!) }
    const file = new MigrationFile({ parents: [], operations: [{ op: 'createTable', table: 'a', columns, checks }] })
    const steps = replayOne({ id: 'x', file }, stateAfter([])).steps
    expect(print(steps.map(({ operation }) => operation as SchemaOperation))).toContain(
      `(c) => c['list price']!.gte(c.net!)`,
    )
  })

  it('writes the check of a translated field so that it compiles', () => {
    const { column, translated } = library
    const columns = { id: column.id(), name: column.string(), name_fr: column.string() }
    const checks = { named: (c: library.MigrationTableColumns) => translated(c.name!, c.name_fr!).isNotNull() }
    const file = new MigrationFile({ parents: [], operations: [{ op: 'createTable', table: 'a', columns, checks }] })
    const steps = replayOne({ id: 'x', file }, stateAfter([])).steps
    expect(print(steps.map(({ operation }) => operation as SchemaOperation))).toContain(
      '(c) => translated(c.name!, c.name_fr!).isNotNull()',
    )
  })

  it('writes names as literals, and nothing of them as code', () => {
    const name = `x'); process.exit(1); //\u2028\n*/`
    const operations: SchemaOperation[] = [
      { op: 'renameTable', table: name, to: '__proto__' },
      { op: 'dropCheck', table: 'a', name },
    ]
    const text = print(operations)
    expect(exportOf(text).operations).toEqual([
      { op: 'renameTable', table: name, to: '__proto__' },
      { op: 'dropCheck', table: 'a', name },
    ])
  })
})
