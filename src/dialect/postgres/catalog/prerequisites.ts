import { dependenciesFirst } from '../../../util/dependencies.js'
import type { Ask, Prerequisite } from '../../catalog.js'
import { HERE } from '../here.js'
import { quotedText, sqlName } from '../quote.js'
import { notOfExtension } from './queries.js'

// What tables need before they can be created: extensions, sequences and types. The server writes the definitions.

/** The extensions that something of the schema uses: the type of a column, a default, an index. */
const EXTENSIONS = `select 'extension', e.extname::text, 'create extension if not exists ' || quote_ident(e.extname)
  || case when e.extnamespace <> ${HERE} then ' with schema ' || quote_ident(n.nspname) else '' end, null,
  json_build_object('oid', e.oid::text)::text,
  'select 1 from pg_catalog.pg_extension where extname = ' || quote_literal(e.extname)
from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql' and exists (select from pg_catalog.pg_depend m
  left join pg_catalog.pg_type t on m.classid = 'pg_catalog.pg_type'::regclass and t.oid = m.objid
  join pg_catalog.pg_depend u on u.refclassid = m.classid and u.refobjid in (m.objid, t.typarray) and u.refobjid <> 0 and u.deptype = 'n'
  left join pg_catalog.pg_attrdef d on u.classid = 'pg_catalog.pg_attrdef'::regclass and d.oid = u.objid
  left join pg_catalog.pg_constraint o on u.classid = 'pg_catalog.pg_constraint'::regclass and o.oid = u.objid
  left join pg_catalog.pg_type b on u.classid = 'pg_catalog.pg_type'::regclass and b.oid = u.objid
  left join pg_catalog.pg_class c on c.oid = coalesce(d.adrelid,
    case when u.classid = 'pg_catalog.pg_class'::regclass then u.objid end)
  where m.refclassid = 'pg_catalog.pg_extension'::regclass and m.refobjid = e.oid and m.deptype = 'e'
    and coalesce(c.relnamespace, o.connamespace, b.typnamespace) = ${HERE}
    and not exists (select from pg_catalog.pg_depend x
      where x.classid = u.classid and x.objid = u.objid and x.deptype = 'e'))
order by 2`

/** SQL for a query that returns a row if the schema of the connection has the object. */
const probe = (from: string, prefix: string, value: string) =>
  `'select 1 from pg_catalog.${from} ${prefix}namespace = ${HERE} and ${prefix}name = ' || quote_literal(${value})`

/** The table whose column numbers its rows by the sequence: corm creates such a sequence with the column. */
const OWNER = `(select o.refobjid from pg_catalog.pg_depend o
  left join pg_catalog.pg_attrdef d on d.adrelid = o.refobjid and d.adnum = o.refobjsubid
  where o.classid = 'pg_catalog.pg_class'::regclass and o.objid = c.oid and (o.deptype = 'i'
    or o.deptype = 'a' and pg_catalog.pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'))`

/** How many columns read the sequence by their defaults. */
const READERS = `(select count(*) from pg_catalog.pg_depend u join pg_catalog.pg_attrdef d on d.oid = u.objid
  where u.classid = 'pg_catalog.pg_attrdef'::regclass and u.refclassid = 'pg_catalog.pg_class'::regclass and u.refobjid = c.oid)`

const SEQUENCES = `select 'sequence', c.relname::text,
  case when ${OWNER} is null then 'create sequence ' || quote_ident(c.relname)
    || case when s.seqtypid = 'int8'::regtype then '' else ' as ' || pg_catalog.format_type(s.seqtypid, null) end
    || case when s.seqincrement = 1 then '' else ' increment by ' || s.seqincrement end
    || case when s.seqincrement > 0 and s.seqmin = 1 then '' else ' minvalue ' || s.seqmin end
    || case when s.seqincrement > 0 and s.seqmax = case s.seqtypid when 'int2'::regtype then 32767
        when 'int4'::regtype then 2147483647 else 9223372036854775807 end then '' else ' maxvalue ' || s.seqmax end
    || ' start with ' || s.seqstart
    || case when s.seqcache = 1 then '' else ' cache ' || s.seqcache end
    || case when s.seqcycle then ' cycle' else '' end end,
  'drop sequence ' || quote_ident(c.relname), json_build_object('oid', c.oid::text)::text,
  ${probe("pg_class where relkind = ''S'' and", 'rel', 'c.relname')}
from pg_catalog.pg_class c join pg_catalog.pg_sequence s on s.seqrelid = c.oid
where c.relnamespace = ${HERE} and c.relkind = 'S' and ${notOfExtension('pg_class', 'c.oid')}
  and (${OWNER} is null or ${READERS} > 1)
order by 2`

const DOMAIN = `'create domain ' || quote_ident(t.typname) || ' as ' || pg_catalog.format_type(t.typbasetype, t.typtypmod)
  || case when t.typcollation <> b.typcollation then (select ' collate ' || l.oid::regcollation from pg_catalog.pg_collation l
    where l.oid = t.typcollation) else '' end
  || coalesce(' default ' || pg_catalog.pg_get_expr(t.typdefaultbin, 0), '')
  || case when t.typnotnull then ' not null' else '' end
  || coalesce((select string_agg(' constraint ' || quote_ident(o.conname) || ' check (' || pg_catalog.pg_get_expr(o.conbin, 0) || ')', '' order by o.conname)
    from pg_catalog.pg_constraint o where o.contypid = t.oid and o.contype = 'c'), '')`

const ENUM = `'create type ' || quote_ident(t.typname) || ' as enum (' || coalesce((select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
  from pg_catalog.pg_enum e where e.enumtypid = t.oid), '') || ')'`

const COMPOSITE = `'create type ' || quote_ident(t.typname) || ' as (' || coalesce((select string_agg(quote_ident(a.attname) || ' '
    || pg_catalog.format_type(a.atttypid, a.atttypmod)
    || case when a.attcollation <> y.typcollation then ' collate ' || a.attcollation::regcollation else '' end, ', ' order by a.attnum)
  from pg_catalog.pg_attribute a join pg_catalog.pg_type y on y.oid = a.atttypid
  where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') || ')'`

/** Without functions of the range: they would need the type, and the type them. */
const RANGE = `(select 'create type ' || quote_ident(t.typname) || ' as range (subtype = ' || pg_catalog.format_type(r.rngsubtype, null)
    || ', subtype_opclass = ' || quote_ident(p.opcname)
    || case when r.rngcollation <> 0 and r.rngcollation <> y.typcollation then ', collation = ' || r.rngcollation::regcollation else '' end
    || case when r.rngsubdiff::oid <> 0 then ', subtype_diff = ' || r.rngsubdiff else '' end || ')'
  from pg_catalog.pg_range r join pg_catalog.pg_type y on y.oid = r.rngsubtype join pg_catalog.pg_opclass p on p.oid = r.rngsubopc
  where r.rngtypid = t.oid and r.rngcanonical::oid = 0
    and not exists (select from pg_catalog.pg_proc f where f.oid = r.rngsubdiff and f.pronamespace <> 'pg_catalog'::regnamespace))`

/** The types that a type is made of, as oids; an array is its elements. */
const PARTS = `(select json_agg(coalesce(nullif(y.typelem, 0), y.oid)::text)::text from pg_catalog.pg_type y where y.oid in (
  select t.typbasetype
  union select a.atttypid from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0
  union select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid
  union select d.refobjid from pg_catalog.pg_constraint o join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_constraint'::regclass and d.objid = o.oid and d.refclassid = 'pg_catalog.pg_type'::regclass
    where o.contypid = t.oid and d.refobjid <> t.oid))`

const TYPES = `select case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'r' then 'range' else 'type' end, t.typname::text,
  case t.typtype when 'e' then ${ENUM} when 'd' then ${DOMAIN} when 'r' then ${RANGE} else ${COMPOSITE} end,
  case t.typtype when 'd' then 'drop domain ' else 'drop type ' end || quote_ident(t.typname),
  json_build_object('oid', t.oid::text, 'parts', ${PARTS}, 'values', (select json_agg(e.enumlabel order by e.enumsortorder)::text
    from pg_catalog.pg_enum e where e.enumtypid = t.oid))::text,
  ${probe('pg_type where', 'typ', 't.typname')}
from pg_catalog.pg_type t left join pg_catalog.pg_class c on c.oid = t.typrelid
left join pg_catalog.pg_type b on b.oid = t.typbasetype
where t.typnamespace = ${HERE} and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c') and ${notOfExtension('pg_type', 't.oid')}
order by 2`

interface PrerequisiteParts extends Prerequisite {
  readonly oid: string
  readonly parts: readonly string[]
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Values that were added to an enum, each next to one that is there before it. */
export function missingValues(
  { name: type, values = [] }: Prerequisite,
  known: ReadonlySet<string>,
): readonly Omit<Prerequisite, 'kind' | 'name'>[] {
  // the server writes E'a\\b' for a backslash
  const isKnown = (value: string) => known.has(value) || known.has(value.replaceAll('\\', '\\\\'))
  const first = values.find(isKnown)
  return values.flatMap((value, i) => {
    if (isKnown(value)) return []
    const before = values[i - 1]
    const place =
      before !== undefined ? ` after ${quotedText(before)}` : first !== undefined ? ` before ${quotedText(first)}` : ''
    return [
      {
        up: `alter type ${sqlName(type)} add value if not exists ${quotedText(value)}${place}`,
        down: null,
        probe: `select 1 from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid where t.typnamespace = ${HERE} and t.typname = ${quotedText(type)} and e.enumlabel = ${quotedText(value)}`,
      },
    ]
  })
}

async function described(
  sql: string,
  needed: ReadonlySet<string> | null,
  ask: Ask,
): Promise<readonly PrerequisiteParts[]> {
  const found = (await ask(sql)).map(([kind, name, up, down, more, probe]) => {
    const { oid, parts, values } = JSON.parse(String(more)) as {
      oid: string
      parts?: string | null
      values?: string | null
    }
    const labels = JSON.parse(values ?? '[]') as string[]
    return {
      ...{ kind: String(kind), name: String(name), up: textOrNull(up), down: textOrNull(down), probe: String(probe) },
      ...(labels.length > 0 && { values: labels }),
      ...{ oid, parts: JSON.parse(parts ?? '[]') as string[] },
    }
  })
  return needed === null ? found : found.filter(({ oid }) => needed.has(oid))
}

/** Each type after those that it is made of. */
function inOrder(types: readonly PrerequisiteParts[]): readonly PrerequisiteParts[] {
  const byOid = new Map(types.map((type) => [type.oid, type]))
  return dependenciesFirst(types, ({ parts }) => parts.flatMap((part) => byOid.get(part) ?? []))
}

const CLASS = "'pg_catalog.pg_class'::regclass"
const TYPE = "'pg_catalog.pg_type'::regclass"

/**
 * All that some tables depend on, with the catalogs that have it, but for other tables and views. Defaults, constraints, indexes
 * and queries belong to their tables, though these don't depend on them.
 */
const neededSql = (tables: ReadonlySet<string>) => `with recursive needed(catalog, id) as (
  select ${CLASS}::oid, c.oid from pg_catalog.pg_class c where c.relnamespace = ${HERE} and c.relname in (${[...tables].map(quotedText).join(', ')})
  union select m.catalog, m.id from needed n cross join lateral (
    select d.refclassid as catalog, d.refobjid as id from pg_catalog.pg_depend d
      where d.classid = n.catalog and d.objid = n.id and d.deptype in ('n', 'a', 'i', 'e') and not (d.refclassid = ${CLASS}
        and exists (select from pg_catalog.pg_class t where t.oid = d.refobjid and t.relkind in ('r', 'p', 'f', 'v', 'm')))
    union all select 'pg_catalog.pg_attrdef'::regclass, d.oid from pg_catalog.pg_attrdef d where n.catalog = ${CLASS} and d.adrelid = n.id
    union all select 'pg_catalog.pg_constraint'::regclass, o.oid from pg_catalog.pg_constraint o
      where n.catalog = ${CLASS} and o.conrelid = n.id or n.catalog = ${TYPE} and o.contypid = n.id
    union all select ${CLASS}, i.indexrelid from pg_catalog.pg_index i where n.catalog = ${CLASS} and i.indrelid = n.id
    union all select 'pg_catalog.pg_rewrite'::regclass, r.oid from pg_catalog.pg_rewrite r where n.catalog = ${CLASS} and r.ev_class = n.id
    union all select ${TYPE}, t.typelem from pg_catalog.pg_type t where n.catalog = ${TYPE} and t.oid = n.id and t.typelem <> 0
    union all select ${CLASS}, c.oid from pg_catalog.pg_type t join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'c'
      where n.catalog = ${TYPE} and t.oid = n.id
  ) m)
select catalog::regclass::text, id::text from needed`

/** The ids of what is needed, by the catalog that has it; null: everything is. */
async function neededBy(tables: ReadonlySet<string> | null, ask: Ask) {
  if (tables === null) return () => null
  const rows = tables.size === 0 ? [] : (await ask(neededSql(tables))).map((row) => row.map(String))
  return (catalog: string) => new Set(rows.flatMap(([of, id]) => (of === catalog && id !== undefined ? [id] : [])))
}

export async function prerequisites(ask: Ask, tables: ReadonlySet<string> | null): Promise<readonly Prerequisite[]> {
  const needed = await neededBy(tables, ask)
  const found = [
    ...(await described(EXTENSIONS, needed('pg_extension'), ask)),
    ...(await described(SEQUENCES, needed('pg_class'), ask)),
    ...inOrder(await described(TYPES, needed('pg_type'), ask)),
  ]
  return found.map(({ oid: _, parts: __, ...prerequisite }) => prerequisite)
}
