import { describe, expect, it } from 'vitest'
import { ARITHMETIC, ASSIGNMENT, CALL, COLUMN, TABLE, VALUE_TYPE } from '../../../src/ast/bases.js'
import type { DataType, ValueType } from '../../../src/ast/data-type.js'
import type { ColumnDefinition, CreateIndexNode, CreateTableNode } from '../../../src/ast/definition.js'
import {
  type ExpressionNode,
  type FunctionCall,
  type FunctionName,
  type ParameterNode,
  type PatternMode,
  SELECT,
} from '../../../src/ast/expression.js'
import type { DeleteNode, InsertNode, SelectNode, UpdateNode } from '../../../src/ast/statement.js'
import type { Node } from '../../../src/compiler/writer.js'
import { createMysqlDialect } from '../../../src/dialect/mysql/index.js'
import { UnsupportedError, UsageError } from '../../../src/errors.js'
import { anyNode } from '../../support/any-node.js'

const mariadb = createMysqlDialect({ mariadb: true, version: [10, 11, 19] })
const mysql = createMysqlDialect({ mariadb: false, version: [8, 0, 36] })
const both = [mariadb, mysql] as const

const sqlOf = (dialect: typeof mysql, node: Node) => anyNode(dialect.compiler).compile(node).sql
const bothSay = (node: Node, sql: string) => {
  for (const dialect of both) expect(sqlOf(dialect, node)).toBe(sql)
}

const typed = (dataType: DataType): ValueType => ({
  ...VALUE_TYPE,
  dataType,
  check: (value) => value,
  refuse: (code, message) => {
    throw new RangeError(`${code}: ${message}`)
  },
})
const text = typed({ name: 'string' })
const integer = typed({ name: 'integer' })
const number = typed({ name: 'number' })
const money = typed({ name: 'decimal', precision: 12, scale: 2 })

const column = (name: string, type: ValueType | null = text, table: string | null = null): ExpressionNode => ({
  ...COLUMN,
  table,
  name,
  type,
})
const parameter = (value: unknown, type: ValueType | null = text): ParameterNode => ({ kind: 'parameter', type, value })
const table = { ...TABLE, name: 'posts', alias: null } as const

const select = (over: Partial<SelectNode> = {}): SelectNode => ({
  ...SELECT,
  selections: [{ kind: 'selection', expression: column('id', integer), alias: null, type: integer }],
  from: table,
  distinct: false,
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
  ...over,
})
const insert = (over: Partial<InsertNode> = {}): InsertNode => ({
  kind: 'insert',
  table,
  columns: [
    { name: 'title', type: text },
    { name: 'price', type: money },
  ],
  source: { kind: 'rows', rows: [[parameter('a'), parameter('1.00', money)]] },
  conflict: null,
  returning: [],
  ...over,
})

describe('names and literals', () => {
  it('doubles the backtick of a name', () => {
    bothSay(column('back`tick'), '`back``tick`')
  })

  const inline = (value: unknown, type: ValueType | null = null) =>
    anyNode(mysql.compiler).compileInline(parameter(value, type))
  it('writes literals that mean the same in every sql_mode', () => {
    expect(inline("it's")).toBe("'it''s'")
    expect(inline("\\'")).toBe("convert(x'5c27' using utf8mb4)")
    expect(inline('a\nb')).toBe("convert(x'610a62' using utf8mb4)")
    expect(inline(new Uint8Array([0, 255]))).toBe("x'00ff'")
    expect(inline(12345678901234567890n)).toBe('12345678901234567890')
    expect(inline(null)).toBe('null')
    expect(inline(true)).toBe('1')
    expect(inline('1.50', money)).toBe("cast('1.50' as decimal(65,2))")
  })

  it('binds only scalars in raw SQL', () => {
    const [binding] = anyNode(mysql.compiler).compile(parameter(null, null)).bindings
    const encode = (value: unknown) => binding?.encode(value)
    expect([true, 'x', 1.5, 7n, null].map(encode)).toEqual([1, 'x', 1.5, 7n, null])
    expect(encode(new Date('2026-11-20T10:00:00.123Z'))).toBe('2026-11-20 10:00:00.123')
    expect(encode(new Uint8Array([1]))).toEqual(Buffer.from([1]))
    for (const value of [{}, [], [1, 2], undefined, Number.NaN, Number.POSITIVE_INFINITY, Symbol('x'), () => 1])
      expect(() => encode(value)).toThrow(UsageError)
  })
})

describe('expressions', () => {
  it('spreads a list over a power of two', () => {
    const list = (count: number, type = integer) =>
      ({ kind: 'list', type, values: Array.from({ length: count }, (_, i) => i) }) as const
    bothSay(list(1), '(?)')
    bothSay(list(3), '(?, ?, ?, ?)')
    bothSay(list(5), '(?, ?, ?, ?, ?, ?, ?, ?)')
    bothSay(list(0), '(select 1 from dual where 1 = 0)')
    bothSay(list(2, money), '(cast(? as decimal(65,2)), cast(? as decimal(65,2)))')
    expect(anyNode(mysql.compiler).compile(list(3)).bindings[0]?.spread).toBe(4)
    expect(anyNode(mysql.compiler).compileInline(list(3))).toBe('(0, 1, 2)')
  })

  it('compares decimals as decimals', () => {
    const node = {
      kind: 'comparison',
      operator: '!=',
      left: column('price', money),
      right: parameter('1.00', money),
    } as const
    bothSay(node, '`price` <> cast(? as decimal(65,2))')
  })

  const pattern = (
    mode: PatternMode,
    insensitive = false,
    negated = false,
    value: ExpressionNode = parameter('50%|'),
  ) => ({ kind: 'pattern', mode, operand: column('title'), pattern: value, insensitive, negated }) as const
  it('escapes patterns with a character that is none in any mode', () => {
    const like = "`title` like ? escape '|'"
    bothSay(pattern('contains'), like)
    bothSay(pattern('like'), like)
    bothSay(pattern('startsWith', true, true), "lower(`title`) not like lower(?) escape '|'")
    const bound = (mode: PatternMode) => anyNode(mysql.compiler).compile(pattern(mode)).bindings[0]?.encode('5\\%|')
    expect(bound('contains')).toBe('%5\\|%||%')
    expect(bound('endsWith')).toBe('%5\\|%||')
    expect(bound('like')).toBe('5\\%||')
  })

  it('looks for the text of another column as it is', () => {
    const other = column('other')
    bothSay(pattern('contains', false, false, other), '(locate(`other`, `title`) > 0)')
    bothSay(
      pattern('startsWith', true, true, other),
      'not (left(lower(`title`), char_length(lower(`other`))) = lower(`other`))',
    )
    bothSay(pattern('like', false, false, other), "`title` like replace(`other`, '|', '||') escape '|'")
  })

  it('matches regular expressions with and without case', () => {
    const regex = (insensitive: boolean) =>
      ({ kind: 'regex', operand: column('title'), pattern: parameter('^a'), insensitive }) as const
    expect(sqlOf(mysql, regex(true))).toBe("regexp_like(`title`, ?, 'i')")
    expect(sqlOf(mysql, regex(false))).toBe("regexp_like(`title`, ?, 'c')")
    expect(sqlOf(mariadb, regex(true))).toBe('`title` regexp ?')
    expect(anyNode(mariadb.compiler).compile(regex(true)).bindings[0]?.encode('^a')).toBe('(?i)^a')
    expect(anyNode(mariadb.compiler).compile(regex(false)).bindings[0]?.encode('^a')).toBe('(?-i)^a')
  })

  const arithmetic = (operator: '+' | '*' | '/' | '%', left: ExpressionNode, right: ExpressionNode) =>
    ({ ...ARITHMETIC, operator, left, right }) as const
  it('divides without loss and keeps decimals decimal', () => {
    bothSay(arithmetic('/', column('n', integer), parameter(2, number)), '(`n` + 0e0) / ?')
    bothSay(arithmetic('%', column('n', integer), parameter(2, number)), '`n` % ?')
    const price = column('price', money)
    bothSay(arithmetic('/', price, parameter('3.00', money)), 'round((`price` * 1.0000) / cast(? as decimal(65,2)), 2)')
    bothSay(arithmetic('*', price, price), 'round(`price` * `price`, 2)')
    bothSay(arithmetic('*', price, parameter(1.1, number)), 'round(`price` * cast(? as decimal(65,30)), 2)')
    bothSay(arithmetic('+', arithmetic('*', price, price), price), '(round(`price` * `price`, 2)) + `price`')
  })

  it('binds whole numbers as integers', () => {
    const [binding] = anyNode(mysql.compiler).compile(
      arithmetic('+', column('n', integer), parameter(1, number)),
    ).bindings
    expect(binding?.encode(1)).toBe(1n)
    expect(binding?.encode(1.5)).toBe(1.5)
  })

  it('calls functions by their names here', () => {
    const call = <N extends FunctionName>(
      name: N,
      args: FunctionCall<N>['args'],
      distinct = false,
    ): FunctionCall<N> => ({
      ...CALL,
      name,
      args,
      distinct,
      type: null,
    })
    bothSay(call('now', []), 'utc_timestamp(3)')
    bothSay(call('length', [column('title')]), 'char_length(`title`)')
    bothSay(call('count', []), 'count(*)')
    bothSay(call('avg', [column('n', integer)], true), 'avg(distinct `n` + 0e0)')
    bothSay(call('avg', [column('price', money)]), 'round((sum(`price`) * 1.0000) / count(`price`), 2)')
    bothSay(call('sum', [column('price', money)]), 'sum(`price`)')
    bothSay({ kind: 'concat', items: [column('a'), parameter('x')] }, 'concat(`a`, ?)')
  })

  it('sorts NULL where it is asked to', () => {
    const order = (direction: 'asc' | 'desc', nulls: 'first' | 'last' | null) =>
      ({ kind: 'order', expression: column('a'), direction, nulls }) as const
    bothSay(order('asc', null), '`a` asc')
    bothSay(order('asc', 'first'), '`a` asc')
    bothSay(order('asc', 'last'), '`a` is null, `a` asc')
    bothSay(order('desc', 'first'), '`a` is null desc, `a` desc')
    bothSay(order('desc', 'last'), '`a` desc')
  })

  it('takes a sub-select with a limit in IN', () => {
    const node = { kind: 'in', operand: column('id'), list: select({ limit: 1 }), negated: false } as const
    bothSay(node, '`id` in (select * from (select `id` from `posts` limit 1) as `limited`)')
  })
})

describe('statements', () => {
  it('writes a limit in front of an offset', () => {
    bothSay(select({ limit: 5, offset: 10 }), 'select `id` from `posts` limit 5 offset 10')
    bothSay(select({ offset: 10 }), 'select `id` from `posts` limit 18446744073709551615 offset 10')
    const bound = anyNode(mysql.compiler).compile(select({ limit: parameter(3, integer) }))
    expect(bound.sql).toBe('select `id` from `posts` limit ?')
    expect(bound.bindings[0]?.encode(3)).toBe(3n)
  })

  it('selects from nothing with a condition', () => {
    const where: ExpressionNode = { kind: 'truth', value: false }
    bothSay(select({ from: null, where }), 'select `id` from dual where 1 = 0')
  })

  it('reads microseconds as text', () => {
    const micro = typed({ name: 'dateTime', precision: 6 })
    const selections = [{ kind: 'selection', expression: column('at', micro), alias: 'at', type: micro }] as const
    bothSay(
      select({ selections }),
      'select coalesce(cast(cast(`at` as datetime(6)) as char), cast(`at` as char)) as `at` from `posts`',
    )
  })

  it('inserts rows, with plain parameters', () => {
    bothSay(insert(), 'insert into `posts` (`title`, `price`) values (?, ?)')
    bothSay(insert({ columns: [], source: { kind: 'rows', rows: [[], []] } }), 'insert into `posts` () values (), ()')
  })

  const returning = [{ kind: 'selection', expression: column('id', integer), alias: null, type: integer }] as const
  it('returns what the server can return', () => {
    expect(sqlOf(mariadb, insert({ returning }))).toBe(
      'insert into `posts` (`title`, `price`) values (?, ?) returning `posts`.`id`',
    )
    expect(() => sqlOf(mysql, insert({ returning }))).toThrow(UnsupportedError)
    const update: UpdateNode = { kind: 'update', table, assignments: [], where: null, returning }
    const remove: DeleteNode = { kind: 'delete', table, where: null, returning }
    for (const dialect of both) {
      expect(() => sqlOf(dialect, update)).toThrow(UnsupportedError)
    }
    expect(() => sqlOf(mysql, remove)).toThrow(UnsupportedError)
    expect(sqlOf(mariadb, remove)).toMatch(/^delete from `posts`.* returning /)
  })

  it('updates or keeps an existing row', () => {
    const value: ExpressionNode = { kind: 'incoming', column: 'title', type: null }
    const assignments = [
      { ...ASSIGNMENT, column: 'title', value },
      {
        ...ASSIGNMENT,
        column: 'views',
        value: { ...ARITHMETIC, operator: '+', left: column('views', integer), right: parameter(1, number) },
      },
    ] as const
    const node = insert({ conflict: { kind: 'conflict', columns: ['slug'], others: [], assignments } })
    const head = 'insert into `posts` (`title`, `price`) values (?, ?)'
    expect(sqlOf(mysql, node)).toBe(
      `${head} as \`incoming\` on duplicate key update \`title\` = \`incoming\`.\`title\`, \`views\` = \`posts\`.\`views\` + ?`,
    )
    expect(sqlOf(mariadb, node)).toBe(
      `${head} on duplicate key update \`title\` = values(\`title\`), \`views\` = \`posts\`.\`views\` + ?`,
    )
    const old = createMysqlDialect({ mariadb: false, version: [8, 0, 17] })
    expect(sqlOf(old, node)).toContain('`title` = values(`title`)')
    const nothing = insert({ conflict: { kind: 'conflict', columns: ['slug', 'tenant'], others: [], assignments: [] } })
    bothSay(nothing, `${head} on duplicate key update \`slug\` = \`slug\``)
  })

  it('asks the existing row for its key where it may have another one in common', () => {
    const conflict = { kind: 'conflict', columns: ['slug', 'tenant'], others: [['title']], assignments: [] } as const
    const head = 'insert into `posts` (`title`, `price`) values (?, ?)'
    const fails = '(select 1 union all select 2)'
    expect(sqlOf(mysql, insert({ conflict }))).toBe(
      `${head} as ` +
        '`incoming` on duplicate key update `slug` = if(`posts`.`slug` <=> `incoming`.`slug` and `posts`.`tenant` <=> `incoming`.`tenant` or ' +
        `${fails}, ` +
        '`posts`.`slug`, `posts`.`slug`)',
    )
    const rare = { ...conflict, others: [['title', 'rare']] }
    expect(sqlOf(mysql, insert({ conflict: rare }))).toBe(`${head} on duplicate key update \`slug\` = \`slug\``)
  })

  it('refuses a fraction where an integer is stored', () => {
    const add = (type: ValueType): UpdateNode => ({
      kind: 'update',
      table,
      assignments: [
        {
          ...ASSIGNMENT,
          column: 'n',
          value: { ...ARITHMETIC, operator: '+', left: column('n', type), right: parameter(1, number) },
        },
      ],
      where: null,
      returning: [],
    })
    const encode = (type: ValueType) =>
      anyNode(mysql.compiler).compile(add(type)).bindings[0]?.encode as (value: unknown) => unknown
    expect(encode(integer)(2)).toBe(2n)
    expect(() => encode(integer)(1.5)).toThrow(RangeError)
    expect(encode(typed({ name: 'float' }))(1.5)).toBe(1.5)
  })

  const sub = (over: Partial<SelectNode> = {}): ExpressionNode => ({
    kind: 'in',
    operand: column('id', integer),
    list: select(over),
    negated: false,
  })
  it('reads from the table it changes', () => {
    const node: DeleteNode = { kind: 'delete', table, where: sub(), returning: [] }
    expect(sqlOf(mariadb, node)).toBe('delete from `posts` where `id` in (select `id` from `posts`)')
    expect(sqlOf(mysql, node)).toBe(
      'delete from `posts` where `id` in (select /*+ no_merge(`posts`) */ `id` from (select * from `posts`) as `posts`)',
    )
    const other = { ...TABLE, name: 'users', alias: 'u' } as const
    expect(sqlOf(mysql, { ...node, where: sub({ from: other }) })).toBe(
      'delete from `posts` where `id` in (select `id` from `users` as `u`)',
    )
  })

  it('reads what is cut to size as it is', () => {
    const from = { kind: 'derivedTable', query: select({ limit: 2 }), alias: 'cut' } as const
    const update: UpdateNode = {
      kind: 'update',
      table,
      assignments: [{ ...ASSIGNMENT, column: 'title', value: parameter('x') }],
      where: sub({ from }),
      returning: [],
    }
    bothSay(
      update,
      'update `posts` set `title` = ? where `id` in (select `id` from (select `id` from `posts` limit 2) as `cut`)',
    )
  })

  it('deletes by an alias', () => {
    const aliased = { ...table, alias: 'p' }
    const where: ExpressionNode = { kind: 'nullTest', operand: column('title', text, 'p'), negated: false }
    const node: DeleteNode = { kind: 'delete', table: aliased, where, returning: [] }
    expect(sqlOf(mariadb, node)).toBe('delete `p` from `posts` as `p` where `p`.`title` is null')
    expect(sqlOf(mysql, node)).toBe('delete from `posts` as `p` where `p`.`title` is null')
  })
})

describe('definitions', () => {
  const define = (name: string, type: DataType, over: Partial<ColumnDefinition> = {}): ColumnDefinition => ({
    name,
    type,
    isKey: false,
    nullable: false,
    default: null,
    generated: null,
    comment: null,
    ...over,
  })
  const create = (over: Partial<CreateTableNode> = {}): CreateTableNode => ({
    kind: 'createTable',
    options: null,
    table: 'posts',
    columns: [define('id', { name: 'bigInteger', autoIncrement: true })],
    primaryKey: ['id'],
    foreignKeys: [],
    checks: [],
    ifNotExists: false,

    fullText: [],
    comment: null,
    ...over,
  })

  it('creates a table that compares texts exactly', () => {
    const node = create({
      columns: [
        define('id', { name: 'smallInteger', autoIncrement: true }),
        define('data', { name: 'json' }, { nullable: true }),
        define('title', { name: 'char', length: 9 }, { default: parameter('x'), comment: "it's \\ here" }),
        define(
          'size',
          { name: 'integer' },
          {
            generated: {
              stored: false,
              expression: { ...CALL, name: 'length', args: [column('title')], distinct: false, type: null },
            },
          },
        ),
      ],
      ifNotExists: true,

      fullText: [],
      comment: 'c',
    })
    const body = [
      'create table if not exists `posts` (',
      '  `id` int not null auto_increment,',
      '  `data` longtext check (json_valid(`data`)),',
      "  `title` varchar(9) not null default ('x') comment 'it''s \\\\ here',",
      '  `size` int generated always as (char_length(`title`)) virtual,',
      '  primary key (`id`)',
      ') engine = InnoDB default character set utf8mb4 collate ',
    ].join('\n')
    expect(anyNode(mariadb.compiler).compileInline(node)).toBe(`${body}utf8mb4_nopad_bin comment = 'c'`)
    expect(anyNode(mysql.compiler).compileInline(node)).toBe(`${body}utf8mb4_0900_bin comment = 'c'`)
  })

  it('names the type of every kind of data', () => {
    const types: [DataType, string][] = [
      [{ name: 'smallInteger' }, 'smallint'],
      [{ name: 'bigInteger' }, 'bigint'],
      [{ name: 'float' }, 'double'],
      [{ name: 'decimal', precision: 30, scale: 10 }, 'decimal(30,10)'],
      [{ name: 'boolean' }, 'tinyint(1)'],
      [{ name: 'string' }, 'varchar(255)'],
      [{ name: 'string', length: 20_000 }, 'longtext'],
      [{ name: 'text' }, 'longtext'],
      [{ name: 'uuid' }, 'char(36)'],
      [{ name: 'enum', values: ['a', 'long'] }, 'varchar(4)'],
      [{ name: 'enum', values: [1, 2] }, 'int'],
      [{ name: 'date' }, 'date'],
      [{ name: 'time' }, 'time(6)'],
      [{ name: 'dateTime', precision: 0 }, 'datetime(3)'],
      [{ name: 'dateTime', precision: 6 }, 'datetime(6)'],
      [{ name: 'binary' }, 'longblob'],
    ]
    for (const [type, sql] of types) expect(mysql.codec(typed(type)).columnType, type.name).toBe(sql)
    const own = create({ columns: [define('id', { name: 'text', sql: 'mediumint unsigned' })] })
    expect(anyNode(mysql.compiler).compileInline(own)).toContain('`id` mediumint unsigned not null')
  })

  const foreignKey = {
    name: 'posts_author',
    columns: ['author'],
    table: 'users',
    references: ['id'],
    onDelete: 'cascade',
    onUpdate: 'noAction',
    deferrable: false,
  } as const
  it('adds and drops foreign keys', () => {
    bothSay(
      { kind: 'addForeignKey', table: 'posts', foreignKey },
      'alter table `posts` add constraint `posts_author` foreign key (`author`) references `users` (`id`) on delete cascade on update no action',
    )
    bothSay(
      { kind: 'dropForeignKey', table: 'posts', name: 'posts_author' },
      'alter table `posts` drop foreign key `posts_author`',
    )
    const impossible = { ...foreignKey, onDelete: 'setDefault' } as const
    expect(() => sqlOf(mysql, { kind: 'addForeignKey', table: 'posts', foreignKey: impossible })).toThrow(
      UnsupportedError,
    )
    expect(() => sqlOf(mysql, create({ foreignKeys: [impossible] }))).toThrow(UnsupportedError)
  })

  const index = (over: Partial<CreateIndexNode> = {}): CreateIndexNode => ({
    kind: 'createIndex',
    sql: null,
    concurrently: false,
    name: 'posts_title',
    table: 'posts',
    columns: ['title'],
    expression: null,
    types: undefined,
    vector: null,
    unique: false,
    where: null,
    method: null,
    ...over,
  })
  it('creates indexes', () => {
    bothSay(index(), 'create index `posts_title` on `posts` (`title`)')
    bothSay(
      index({ unique: true, method: 'btree' }),
      'create unique index `posts_title` using btree on `posts` (`title`)',
    )
    bothSay(
      index({ method: 'fulltext', types: [{ name: 'text' }] }),
      'create fulltext index `posts_title` on `posts` (`title`)',
    )
    bothSay(
      index({ columns: ['title', 'id'], types: [{ name: 'text' }, { name: 'integer' }] }),
      'create index `posts_title` on `posts` (`title`(255), `id`)',
    )
  })

  it('refuses indexes that would be something else', () => {
    for (const dialect of both) {
      expect(() => sqlOf(dialect, index({ where: { kind: 'truth', value: true } }))).toThrow(UnsupportedError)
      expect(() => sqlOf(dialect, index({ method: 'gin) --' }))).toThrow(UnsupportedError)
    }
    const long = index({ unique: true, types: [{ name: 'text' }] })
    expect(() => sqlOf(mysql, long)).toThrow(UnsupportedError)
    expect(sqlOf(mariadb, long)).toBe('create unique index `posts_title` on `posts` (`title`)')
  })
})

describe('what the servers can do', () => {
  it('is told by capabilities', () => {
    expect(mariadb.capabilities).toMatchObject({
      returning: true,
      updateReturning: false,
      deleteReturning: true,
      insertId: true,
      listParameter: false,
    })
    expect(mysql.capabilities).toMatchObject({
      returning: false,
      bulkInsert: 'rows',
      maxParameters: 65_535,
      insertIdStep: 1,
    })
    expect(createMysqlDialect({ mariadb: true, version: [10, 4, 30] }).capabilities.returning).toBe(false)
    const cluster = createMysqlDialect({ mariadb: true, version: [11, 4, 2], autoIncrementStep: 3 })
    expect(cluster.capabilities.insertIdStep).toBe(3)
  })
})

describe('vectors', () => {
  const newer = [
    createMysqlDialect({ mariadb: true, version: [11, 7, 2] }),
    createMysqlDialect({ mariadb: false, version: [9, 0, 0] }),
  ] as const
  const vector = typed({ name: 'vector', length: 2 })
  const given = { kind: 'parameter', type: vector, value: new Float32Array([1, 0.5]) } as const
  const distance = (metric: 'cosine' | 'euclidean' | 'dot'): ExpressionNode => ({
    kind: 'distance',
    metric,
    operand: column('at', vector),
    vector: given,
    index: null,
    alias: null,
    type: number,
  })
  const newerSay = (node: Node, mariadbSql: string, mysqlSql: string) =>
    expect(newer.map((dialect) => sqlOf(dialect, node))).toEqual([mariadbSql, mysqlSql])

  it('are columns of their own type, written as text and read as the digits of their bytes', () => {
    for (const dialect of newer) {
      const { columnType, encode, decode, read } = dialect.codec(vector)
      expect([columnType, encode?.(given.value), read?.('`at`')]).toEqual(['vector(2)', '[1,0.5]', 'hex(`at`)'])
      expect(decode?.('0000803F0000003F')).toEqual(given.value)
      expect(() => decode?.('0000803F')).toThrow('holds text of another form, and needs a vector of 2 dimensions')
    }
    newerSay(
      insert({
        columns: [{ name: 'at', type: vector }],
        source: { kind: 'rows', rows: [[given]] },
      }),
      'insert into `posts` (`at`) values (vec_fromtext(?))',
      'insert into `posts` (`at`) values (string_to_vector(?))',
    )
  })

  it('are compared by the functions of each server', () => {
    newerSay(
      distance('cosine'),
      'round(vec_distance_cosine(`at`, vec_fromtext(?)), 6)',
      "round(distance(`at`, string_to_vector(?), 'COSINE'), 6)",
    )
    newerSay(
      distance('euclidean'),
      'round(vec_distance_euclidean(`at`, vec_fromtext(?)), 6)',
      "round(distance(`at`, string_to_vector(?), 'EUCLIDEAN'), 6)",
    )
    const [newMariadb, newMysql] = newer
    expect(sqlOf(newMysql, distance('dot'))).toBe("round(-distance(`at`, string_to_vector(?), 'DOT'), 6)")
    expect(() => sqlOf(newMariadb, distance('dot'))).toThrow(UnsupportedError)
  })

  it('are refused where the server has none', () => {
    for (const dialect of [...both, createMysqlDialect({ mariadb: true, version: [11, 6, 2] })]) {
      expect(() => dialect.codec(vector)).toThrow(UnsupportedError)
      expect(() => sqlOf(dialect, distance('cosine'))).toThrow(UnsupportedError)
      expect(dialect.capabilities.vectors).toBeNull()
    }
  })
})
