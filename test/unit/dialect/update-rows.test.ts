import { Field, Model } from 'corm'
import { describe, expect, it } from 'vitest'
import { TABLE } from '../../../src/ast/bases.js'
import type { UpdateRowsNode } from '../../../src/ast/statement.js'
import { dialectNamed } from '../../../src/dialect/named.js'
import { metadataOf } from '../../../src/metadata/metadata.js'
import { anyNode } from '../../support/any-node.js'

class Part extends Model({
  title: Field.string({ max: 20, nullable: true }),
  price: Field.decimal({ precision: 30, scale: 2, nullable: true }),
  image: Field.binary({ nullable: true }),
  tags: Field.json<string[]>({ nullable: true }),
}) {}

const fields = metadataOf(Part).fields
const column = (name: string) => {
  const field = fields.find((each) => each.name === name)
  if (field === undefined) throw new TypeError(`no field ${name}`)
  return {
    name: field.column,
    type: { dataType: field.dataType, check: (value: unknown) => value, refuse: () => expect.fail() },
  }
}

const node = (keys: string[], names: string[]): UpdateRowsNode => ({
  kind: 'updateRows',
  table: { ...TABLE, name: 'parts', alias: null },
  keys: keys.map(column) as never,
  columns: names.map(column) as never,
  rows: { kind: 'list', type: null, values: [] },
})

function compiled(dialect: string, statement: UpdateRowsNode, rows: readonly unknown[][]): unknown[] {
  const { sql, bindings } = anyNode(dialectNamed(dialect).compiler).compile(statement)
  return [sql, ...bindings.map(({ encode }) => encode(rows))]
}

const rows = [
  [1, 'a"\\😀', '1.50', new Uint8Array([0, 255])],
  [2, null, '-12345678901234567890.00', null],
]

describe('one update of many rows', () => {
  it('is from arrays on PostgreSQL', () => {
    expect(compiled('postgres', node(['id'], ['title', 'price', 'image']), rows)).toEqual([
      'update "parts" as t set "title" = v.c1, "price" = v.c2, "image" = v.c3 ' +
        'from unnest($1::int4[], $2::text[], $3::numeric[], $4::bytea[]) as v(c0, c1, c2, c3) where t."id" = v.c0',
      '{1,2}',
      '{"a\\"\\\\😀",NULL}',
      '{"1.50","-12345678901234567890.00"}',
      '{"\\\\x00ff",NULL}',
    ])
  })

  it('is from a JSON document on MariaDB and MySQL', () => {
    const text = (collation: string) => `longtext character set utf8mb4 collate ${collation}`
    for (const [dialect, collation] of [
      ['mariadb', 'utf8mb4_nopad_bin'],
      ['mysql', 'utf8mb4_0900_bin'],
    ] as const)
      expect(compiled(dialect, node(['id'], ['title', 'price', 'image']), rows)).toEqual([
        `update json_table(?, '$[*]' columns (c0 bigint path '$.c0', c1 ${text(collation)} path '$.c1', ` +
          `c2 ${text(collation)} path '$.c2', c3 ${text(collation)} path '$.c3')) as v straight_join \`parts\` as t ` +
          'on t.`id` = v.c0 set t.`title` = v.c1, t.`price` = v.c2, t.`image` = unhex(v.c3)',
        '[{"c0":"1","c1":"a\\"\\\\😀","c2":"1.50","c3":"00ff"},{"c0":"2","c2":"-12345678901234567890.00"}]',
      ])
  })

  it('takes composite keys', () => {
    const [sql] = compiled('postgres', node(['id', 'title'], ['tags']), [[1, 'x', '[]']])
    expect(sql).toBe(
      'update "parts" as t set "tags" = v.c2 from unnest($1::int4[], $2::text[], $3::jsonb[]) as v(c0, c1, c2) ' +
        'where t."id" = v.c0 and t."title" = v.c1',
    )
  })

  it('is not for columns that JSON can not carry exactly', () => {
    const { updatesRows } = dialectNamed('mysql').capabilities
    const type = (dataType: object) => ({ dataType, check: (value: unknown) => value, refuse: () => expect.fail() })
    expect(updatesRows(type({ name: 'text', sql: 'bit(8)' }) as never, false)).toBe(false)
    expect(updatesRows(type({ name: 'date' }) as never, false)).toBe(true)
    expect(updatesRows(type({ name: 'date' }) as never, true)).toBe(false)
    expect(updatesRows(type({ name: 'float' }) as never, true)).toBe(false)
  })
})
