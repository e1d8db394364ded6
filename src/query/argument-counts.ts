import type { ArgumentCounts } from '../util/arguments.js'

// The most arguments of the calls that take few.

const ANY = Number.POSITIVE_INFINITY

const one = (names: string): ArgumentCounts => Object.fromEntries(names.split(' ').map((name) => [name, 1]))
const none = (names: string): ArgumentCounts => Object.fromEntries(names.split(' ').map((name) => [name, 0]))

/** Of an expression. */
export const expressions: ArgumentCounts = {
  ...one(
    'eq ne gt gte lt lte in notIn like notLike ilike contains icontains startsWith istartsWith endsWith iendsWith',
  ),
  ...one('regex iregex plus minus times dividedBy mod nullIf cast position round add subtract secondsSince'),
  ...one('daysSince asc desc over filter'),
  ...none('isNull isNotNull lower upper length trim ltrim rtrim abs floor ceil sign'),
  ...one('year quarter month week day dayOfYear weekday hour minute second'),
  truncate: 2,
  between: 2,
  notBetween: 2,
  substring: 2,
  replace: 2,
  jsonSet: 2,
  concat: ANY,
  coalesce: ANY,
  json: ANY,
}

/** Of `fn`. */
export const functions: ArgumentCounts = {
  coalesce: ANY,
  greatest: ANY,
  least: ANY,
  concat: ANY,
  ...one('min max lower upper trim length abs floor ceil ntile firstValue lastValue'),
  ...none('rowNumber rank denseRank percentRank cumeDist now random'),
  count: 2,
  sum: 2,
  avg: 2,
  groupConcat: 3,
  nullIf: 2,
  round: 2,
  lag: 3,
  lead: 3,
  nthValue: 2,
}

export const caseSteps: ArgumentCounts = { when: 2, else: 1, end: 0 }
export const sqlParts: ArgumentCounts = { raw: 1, join: 2, id: ANY }
