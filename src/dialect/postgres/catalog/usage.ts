import type { Ask, TableCounter, UnusedIndex } from '../../catalog.js'
import { HERE } from '../here.js'

/** Small tables are read whole, whatever indexes they have. */
const UNUSED = `select s.relname::text, s.indexrelname::text
from pg_catalog.pg_stat_user_indexes s join pg_catalog.pg_class c on c.oid = s.relid
where s.schemaname = current_schema() and s.idx_scan = 0 and c.reltuples >= 1000 order by 1, 2`

/**
 * Counters that belong to a column, or that its default reads. A column of fewer bytes ends before its counter does, and a counter of fewer bytes before its
 * column. The number of a counter is for those who may read it.
 */
const COUNTERS = `select c.relname::text, a.attname::text,
  case when pg_catalog.has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') then pg_catalog.pg_sequence_last_value(s.seqrelid) end::text,
  least(s.seqmax, w.most)::text,
  case when s.seqmax < w.most then 'alter sequence ' || s.seqrelid::regclass || ' as ' || w.type || ' no maxvalue' end
from pg_catalog.pg_sequence s
left join pg_catalog.pg_depend o on o.classid = 'pg_catalog.pg_class'::regclass and o.objid = s.seqrelid and o.deptype in ('a', 'i')
left join pg_catalog.pg_depend n on o.objid is null and n.classid = 'pg_catalog.pg_attrdef'::regclass
  and n.refclassid = 'pg_catalog.pg_class'::regclass and n.refobjid = s.seqrelid
left join pg_catalog.pg_attrdef f on f.oid = n.objid
join pg_catalog.pg_class c on c.oid = coalesce(o.refobjid, f.adrelid)
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = coalesce(o.refobjsubid, f.adnum)
cross join lateral (select case a.atttypid when 'int2'::regtype then 'smallint' when 'int4'::regtype then 'integer' else 'bigint' end as type,
  case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else 9223372036854775807 end as most) w
where c.relnamespace = ${HERE} and s.seqincrement > 0 and not s.seqcycle order by 1, 2`

export async function unusedIndexes(ask: Ask): Promise<readonly UnusedIndex[]> {
  return (await ask(UNUSED)).map(([table, index]) => ({ table: String(table), index: String(index) }))
}

export async function counters(ask: Ask): Promise<readonly TableCounter[]> {
  return (await ask(COUNTERS)).flatMap(([table, column, last, limit, extend]) => {
    if (last === null) return []
    return {
      table: String(table),
      column: String(column),
      last: BigInt(String(last)),
      limit: BigInt(String(limit)),
      extend: extend === null ? null : String(extend),
    }
  })
}
