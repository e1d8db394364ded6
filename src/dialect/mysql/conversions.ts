import { type ConversionWords, keepsIn, pairOf, type ValueConversions } from '../conversions.js'

const words: ConversionWords = {
  decimalDigits: 18,
  characters: 255,
  // the end of a regular expression is also before a line break at the end of the text
  matches: (c, pattern) => `(${c} regexp '^(${pattern})$' and instr(${c}, char(10)) = 0)`,
  number: (c) => `cast(${c} as decimal(65, 0))`,
  text: (c) => `cast(${c} as char)`,
  isDay: (c) => `coalesce(cast(${c} as date), '') = ${c}`,
  isFloat: (c) => `cast(${c} + 0e0 as signed) = ${c}`,
  isFloatText: (c) =>
    `cast(${c} + 0e0 as char) in (${c}, if(right(${c}, 2) = '.0', left(${c}, char_length(${c}) - 2), ${c}))`,
  hasScale: (c, scale) => `round(${c}, ${scale}) = ${c}`,
  isJson: (c) => `json_valid(${c})`,
  isMidnight: (c) => `${c} = cast(${c} as date)`,
  hasMilliseconds: (c) => `microsecond(${c}) % 1000 = 0`,
}

type ColumnConversion = (column: string) => string

const BEFORE: Readonly<Record<string, ColumnConversion>> = {
  'text boolean': (c) => `case ${c} when 'true' then '1' when 'false' then '0' end`,
}

const AFTER: Readonly<Record<string, ColumnConversion>> = {
  'boolean text': (c) => `case ${c} when '1' then 'true' when '0' then 'false' end`,
  'time text': (c) => `if(instr(${c}, '.') = 0, ${c}, trim(trailing '.' from trim(trailing '0' from ${c})))`,
}

const convertedBy =
  (table: Readonly<Record<string, ColumnConversion>>): ValueConversions['before'] =>
  (from, to, column) => {
    const pair = pairOf(from, to)
    return Object.hasOwn(table, pair) ? (table[pair]?.(column) ?? null) : null
  }

export const conversions: ValueConversions = {
  using: false,
  keeps: keepsIn(words),
  attempt: () => null,
  before: convertedBy(BEFORE),
  after: convertedBy(AFTER),
}
