import { expect, it } from 'vitest'
import { TABLE } from '../../src/ast/bases.js'
import { SELECT, type SelectNode } from '../../src/ast/expression.js'
import { intentOf } from '../../src/ast/intent.js'

const table = { ...TABLE, name: 'posts', alias: null }
const select: SelectNode = {
  ...SELECT,
  selections: [],
  distinct: false,
  from: table,
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
} as SelectNode
const within = (query: SelectNode): SelectNode => ({ ...select, from: { kind: 'derivedTable', query, alias: 'q' } })

it('knows from the tree what a statement is sent for', () => {
  const locked: SelectNode = { ...select, lock: { kind: 'lock', mode: 'update', held: 'wait' } as never }
  expect(intentOf(select)).toBe('read')
  expect(intentOf(within(select))).toBe('read')
  expect(intentOf(locked)).toBe('lock')
  expect(intentOf(within(within(locked)))).toBe('lock')
  expect(intentOf({ kind: 'delete', table, where: null, returning: [] })).toBe('write')
  expect(intentOf({ kind: 'dropTable', table: 'posts' } as never)).toBe('schema')
})
