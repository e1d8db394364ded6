import type { Functions, Operators, SqlTag } from '../types/expression.js'
import { fn as functions } from './functions.js'
import * as operators from './operators.js'
import { sql as tag } from './sql.js'

const typed = operators as unknown as Operators

/** Conditions and operators for the object form: `where({ age: gt(18) })`. */
export const {
  eq,
  gt,
  gte,
  lt,
  lte,
  between,
  oneOf,
  like,
  contains,
  icontains,
  startsWith,
  istartsWith,
  endsWith,
  iendsWith,
  not,
  and,
  or,
} = typed

/** Functions of SQL: `fn.count()`, `fn.sum(c.price)`. */
export const fn = functions as unknown as Functions

/** SQL by hand, with bound values: sql`length(${c.name}) > ${10}`. */
export const sql = tag as unknown as SqlTag
