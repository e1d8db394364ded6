import { BoundedMap } from '../../util/bounded-map.js'
import { memo } from '../../util/memo.js'

/** Keywords that may precede a bracket, and functions of the server that touch no setting, lock or sequence. */
const HARMLESS = new Set(
  `in exists any all some values and or not on as over filter within group by using from select where when then else having
  join lateral union intersect except limit offset returning conflict set between like ilike is case end distinct with
  varchar char character numeric decimal timestamp timestamptz time timetz bit interval cast row array grouping cube rollup
  count sum avg min max coalesce nullif greatest least lower upper initcap length char_length octet_length trim btrim ltrim
  rtrim lpad rpad repeat reverse substring substr replace translate split_part concat concat_ws position strpos left right
  starts_with format md5 abs sign round ceil ceiling floor trunc mod power sqrt exp ln log now clock_timestamp
  statement_timestamp transaction_timestamp date_trunc date_part extract age make_date to_char to_date to_timestamp to_number
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value array_agg string_agg
  bool_and bool_or every json_agg jsonb_agg json_object_agg jsonb_object_agg json_build_object jsonb_build_object
  json_build_array jsonb_build_array to_json to_jsonb row_to_json json_array_elements jsonb_array_elements
  jsonb_array_length json_array_length jsonb_typeof unnest generate_series array_length cardinality random gen_random_uuid
  current_setting current_database pg_sleep pg_backend_pid to_regclass`.split(/\s+/),
)

const BEGINS = /^\s*(?:select|insert|update|delete|values|with)\b/i
/** Not decided by the pattern below: a comment may be between a name and its bracket, and a select INTO makes a table. */
const DOUBTFUL = /\/\*|--|;\s*\S|^\s*(?:select|values|with)\b[\s\S]*\binto\b/i
/** Matches only from the beginning of a name, because otherwise a long name would be scanned again from each character. */
const CALLS = /(?<![\w$".])([\w$".]+)\s*\(/g
const COLUMNS_OF = /^\s*insert\s+into\s+[\w$".]+(?:\s+as\s+\w+)?\s*\(/i

const known = new BoundedMap<string, boolean>(1000)
/** The longest SQL text whose result is cached, in characters. */
const LONG = 5000

/**
 * Whether raw SQL certainly leaves its session unchanged, so that no reset is needed. Every function that is not the
 * server's own is assumed to change it.
 */
export function leavesNoTrace(sql: string): boolean {
  if (sql.length > LONG) return isPlain(sql)
  return memo(known, sql, isPlain)
}

function isPlain(sql: string): boolean {
  if (!BEGINS.test(sql) || DOUBTFUL.test(sql)) return false
  for (const [, name = ''] of sql.replace(COLUMNS_OF, '').matchAll(CALLS))
    if (!HARMLESS.has(name.toLowerCase()) && !/^\d+$/.test(name)) return false
  return true
}
