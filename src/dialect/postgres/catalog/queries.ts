import { VIEW_OPTIONS } from '../views.js'

// Queries over pg_catalog. https://www.postgresql.org/docs/current/catalogs.html
//
// `n` is SQL for the namespace: the schema of the connection, or that of its temporary tables.

/** Not of an extension. */
export const notOfExtension = (catalog: string, oid: string) => `not exists (select from pg_catalog.pg_depend e
  where e.classid = 'pg_catalog.${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`

const names = (relation: string, keys: string) => `(select pg_catalog.json_agg(k.attname order by u.place)::text
  from unnest(${keys}) with ordinality u(number, place)
  join pg_catalog.pg_attribute k on k.attrelid = ${relation} and k.attnum = u.number)`

/** What a view does with rows that it would not show: its query does not say it. */
export const checkOption = (relation: string) =>
  `(select option_value from pg_catalog.pg_options_to_table(${relation}.reloptions) where option_name = 'check_option')`

/** The options of a view that are set, as a list of names; those without a value are true. */
export const viewOptions = (relation: string) => `(select pg_catalog.json_agg(option_name order by option_name)::text
  from pg_catalog.pg_options_to_table(${relation}.reloptions)
  where option_name in (${VIEW_OPTIONS.map((name) => `'${name}'`).join(', ')}) and coalesce(option_value, 'true')::boolean)`

export const relationsSql = (n: string) => `select c.relname::text, c.relkind::text, c.relispartition,
  pg_catalog.obj_description(c.oid, 'pg_class'), c.relpersistence::text,
  case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end, ${checkOption('c')}, ${viewOptions('c')}
from pg_catalog.pg_class c
where c.relnamespace = ${n} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${notOfExtension('pg_class', 'c.oid')}
order by 1`

export const columnsSql = (n: string) => `select c.relname::text, a.attname::text,
  pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text, a.attgenerated::text,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  (select o.collname::text from pg_catalog.pg_collation o where o.oid = a.attcollation and a.attcollation <> t.typcollation),
  pg_catalog.col_description(c.oid, a.attnum),
  exists (select from pg_catalog.pg_depend s join pg_catalog.pg_class q on q.oid = s.objid and q.relkind = 'S'
    where s.classid = 'pg_catalog.pg_class'::regclass and s.refclassid = 'pg_catalog.pg_class'::regclass
    and s.refobjid = c.oid and s.refobjsubid = a.attnum and s.deptype in ('a', 'i'))
from pg_catalog.pg_class c
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = ${n} and c.relkind in ('r', 'p')
order by c.relname, a.attnum`

/** What a primary key says, if that is more than its columns: DEFERRABLE, INCLUDE. */
const keyDefinition = `(select nullif(pg_catalog.pg_get_constraintdef(o.oid), 'PRIMARY KEY (' || pg_catalog.string_agg(quote_ident(k.attname), ', ' order by u.place) || ')')
  from unnest(o.conkey) with ordinality u(number, place)
  join pg_catalog.pg_attribute k on k.attrelid = o.conrelid and k.attnum = u.number where o.contype = 'p')`

/** Those of PostgreSQL 18 for NOT NULL are left out: columns say it. */
export const constraintsSql = (n: string) => `select c.relname::text, o.conname::text, o.contype::text,
  ${names('o.conrelid', 'o.conkey')},
  (select case when f.relnamespace = c.relnamespace then '' else f.relnamespace::regnamespace::text || '.' end || f.relname
    from pg_catalog.pg_class f where f.oid = o.confrelid),
  ${names('o.confrelid', 'o.confkey')},
  o.confdeltype::text, o.confupdtype::text, o.condeferrable and o.condeferred, o.convalidated,
  pg_catalog.pg_get_expr(o.conbin, o.conrelid),
  ${keyDefinition}
from pg_catalog.pg_constraint o join pg_catalog.pg_class c on c.oid = o.conrelid
where c.relnamespace = ${n} and o.contype in ('p', 'u', 'f', 'c', 'x')
order by c.relname, o.conname`

export const indexesSql = (
  n: string,
) => `select c.relname::text, x.relname::text, m.amname::text, i.indisunique, i.indisvalid,
  exists (select from pg_catalog.pg_constraint o where o.conindid = i.indexrelid and o.contype in ('u', 'x')),
  pg_catalog.pg_get_indexdef(i.indexrelid),
  (select pg_catalog.json_agg(case when u.number = 0 then null else k.attname end order by u.place)::text
    from unnest(i.indkey::smallint[]) with ordinality u(number, place)
    left join pg_catalog.pg_attribute k on k.attrelid = i.indrelid and k.attnum = u.number
    where u.place <= i.indnkeyatts),
  pg_catalog.pg_get_expr(i.indexprs, i.indrelid), pg_catalog.pg_get_expr(i.indpred, i.indrelid),
  (select pg_catalog.pg_get_constraintdef(o.oid) from pg_catalog.pg_constraint o where o.conindid = i.indexrelid and o.contype = 'x'),
  (select case when o.condeferred then ' DEFERRABLE INITIALLY DEFERRED' else ' DEFERRABLE' end from pg_catalog.pg_constraint o
    where o.conindid = i.indexrelid and o.contype = 'u' and o.condeferrable)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = x.relam
where c.relnamespace = ${n} and not i.indisprimary
order by c.relname, x.relname`

export const unmanagedSql = (n: string) => `select 'trigger', t.tgname::text, c.relname::text
from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
where c.relnamespace = ${n} and not t.tgisinternal
union all select 'policy', p.polname::text, c.relname::text
from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid where c.relnamespace = ${n}
union all select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end, p.proname::text, null
from pg_catalog.pg_proc p where p.pronamespace = ${n} and ${notOfExtension('pg_proc', 'p.oid')}
union all select case t.typtype when 'e' then 'enum' when 'd' then 'domain' else 'type' end, t.typname::text, null
from pg_catalog.pg_type t left join pg_catalog.pg_class c on c.oid = t.typrelid
where t.typnamespace = ${n} and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c') and ${notOfExtension('pg_type', 't.oid')}
union all select 'sequence', c.relname::text, null from pg_catalog.pg_class c
where c.relnamespace = ${n} and c.relkind = 'S' and ${notOfExtension('pg_class', 'c.oid')} and not exists
  (select from pg_catalog.pg_depend s where s.classid = 'pg_catalog.pg_class'::regclass and s.objid = c.oid and s.deptype in ('a', 'i'))
order by 1, 2`
