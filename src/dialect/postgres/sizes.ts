import { HERE } from './here.js'
import { quotedText } from './quote.js'

/** The planner's estimate: -1 before the first ANALYZE, when the pages on disk say more. */
export const tableSizes = (tables: readonly string[]): string =>
  `select relname::text, case when reltuples < 0 then pg_catalog.pg_relation_size(oid) / 64 else reltuples end::float8 from pg_catalog.pg_class where relkind = 'r' and relnamespace = ${HERE} and relname in (${tables.map(quotedText).join(', ')})`
