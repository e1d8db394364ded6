import { type DataType, TEXT_TYPES } from '../../ast/data-type.js'
import { type ConversionWords, keepsIn, pairOf, type ValueConversions, valueClassOf } from '../conversions.js'

// before version 16 only a cast finds out, which fails
const IS_JSON = 'pg_temp.corm_is_json'

const words: ConversionWords = {
  decimalDigits: null,
  characters: null,
  matches: (c, pattern) => `${c} ~ '^(${pattern})$'`,
  number: (c) => `${c}::numeric`,
  text: (c) => `${c}::text`,
  // a cast of a day that is not in the calendar fails
  isDay: (c) => `to_char((left(${c}, 7) || '-01')::date + (right(${c}, 2)::int - 1), 'YYYY-MM-DD') = ${c}`,
  isFloat: (c) => `${c}::float8::bigint = ${c}`,
  isFloatText: (c) => `${c}::float8::text in (${c}, regexp_replace(${c}, '[.]0$', ''))`,
  // a cast of a float to numeric keeps 15 digits only
  hasScale: (c, scale) => `round(${c}::text::numeric, ${scale}) = ${c}::text::numeric`,
  isJson: (c) => `${IS_JSON}(${c})`,
  isMidnight: (c) => `${c} at time zone 'UTC' = date_trunc('day', ${c} at time zone 'UTC')`,
  hasMilliseconds: (c) => `${c} = date_trunc('milliseconds', ${c})`,
}

export const conversions: ValueConversions = {
  using: true,
  keeps: keepsIn(words),
  attempt: (from, to) =>
    pairOf(from, to) === 'text json'
      ? {
          create: `create function ${IS_JSON}(value text) returns boolean language plpgsql as $corm$
begin
  perform value::${to.sql ?? 'jsonb'};
  return true;
exception when others then
  return false;
end $corm$`,
          drop: `drop function ${IS_JSON}(text)`,
        }
      : null,
  before: () => null,
  after: () => null,
}

type UsingClause = (column: string, type: string, from: DataType) => string

/** Where a plain cast does something else, or is none that PostgreSQL has. */
const USING: Readonly<Record<string, UsingClause>> = {
  'integer boolean': (c) => `${c} <> 0`,
  'boolean integer': (c, type) => `${c}::int::${type}`,
  'float decimal': (c, type) => `${c}::text::${type}`,
  'date dateTime': (c) => `${c}::timestamp at time zone 'UTC'`,
  'dateTime date': (c) => `(${c} at time zone 'UTC')::date`,
  'dateTime text': (c, type, { precision = 3 }) =>
    `to_char(${c} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.${precision > 3 ? 'US' : 'MS'}')::${type}`,
  'text dateTime': (c, type) => `(${c} || '+00')::${type}`,
  'array json': (c) => `to_jsonb(${c})`,
}

/** Types that PostgreSQL casts to each other. */
const CASTS: ReadonlySet<string> = new Set(
  ['integer', 'float', 'decimal'].flatMap((from) => ['integer', 'float', 'decimal'].map((to) => `${from} ${to}`)),
)

/** The same, where an assignment refuses texts that are too long: a cast would cut them. */
export const convertedTo = (from: DataType, to: DataType, column: string, type: string): string =>
  TEXT_TYPES.has(from.name) && TEXT_TYPES.has(to.name) ? column : usingClause(from, to, column, type)

/** SQL for the new value of a row, which is of the column type `type`. */
export function usingClause(from: DataType, to: DataType, column: string, type: string): string {
  const pair = pairOf(from, to)
  const using = Object.hasOwn(USING, pair) ? USING[pair] : undefined
  if (using !== undefined) return using(column, type, from)
  const isCast =
    valueClassOf(from) === valueClassOf(to) ||
    valueClassOf(from) === 'text' ||
    valueClassOf(to) === 'text' ||
    CASTS.has(pair)
  // what PostgreSQL has no cast for goes through text, which fails for values that are none of the type
  return isCast || from.sql !== undefined || to.sql !== undefined ? `${column}::${type}` : `${column}::text::${type}`
}
