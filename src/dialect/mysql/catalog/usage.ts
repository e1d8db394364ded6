import type { Ask, TableCounter, UnusedIndex } from '../../catalog.js'

const COUNTS = 'select @@performance_schema'

/** Small tables are read whole, whatever indexes they have. */
const UNUSED = `select u.object_name, u.index_name
from performance_schema.table_io_waits_summary_by_index_usage u
join information_schema.tables t on t.table_schema = u.object_schema and t.table_name = u.object_name
where u.object_schema = database() and u.index_name is not null and u.index_name <> 'PRIMARY' and u.count_star = 0
  and t.table_rows >= 1000 order by 1, 2`

const COUNTERS = `select t.table_name, c.column_name, c.column_type, cast(t.auto_increment as char)
from information_schema.tables t
join information_schema.columns c on c.table_schema = t.table_schema and c.table_name = t.table_name
where t.table_schema = database() and t.auto_increment is not null and c.extra like '%auto_increment%' order by 1, 2`

/** The bits of a number without a sign. */
const BITS: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n }

/** Null where the server does not count: MariaDB, unless it is started with performance_schema. */
export async function unusedIndexes(ask: Ask): Promise<readonly UnusedIndex[] | null> {
  const [[counts] = []] = await ask(COUNTS)
  if (Number(counts) !== 1) return null
  return (await ask(UNUSED)).map(([table, index]) => ({ table: String(table), index: String(index) }))
}

export async function counters(ask: Ask): Promise<readonly TableCounter[]> {
  return (await ask(COUNTERS)).flatMap(([table, column, type, next]) => {
    const [, name = ''] = /^(\w+)/.exec(String(type)) ?? []
    const bits = Object.hasOwn(BITS, name) ? BITS[name] : undefined
    if (bits === undefined) return []
    const limit = 2n ** (String(type).includes('unsigned') ? bits : bits - 1n) - 1n
    return { table: String(table), column: String(column), last: BigInt(String(next)) - 1n, limit, extend: null }
  })
}
