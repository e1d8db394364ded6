import type { CaseWhen } from '../types/case.js'
import type { Operators, SqlTag } from '../types/expression.js'
import type { Functions } from '../types/functions.js'
import { caseWhen as makeCase } from './expression/case.js'
import { fn as functions } from './expression/functions.js'
import * as operators from './expression/operators.js'
import { sql as tag } from './expression/sql.js'

const typed = operators as unknown as Operators

/** Equal: `where({ name: eq('Ada') })`. Null means IS NULL. */
export const eq = typed.eq
/** Greater than: `where({ age: gt(18) })`. */
export const gt = typed.gt
/** Greater than or equal: `where({ age: gte(18) })`. */
export const gte = typed.gte
/** Less than: `where({ age: lt(18) })`. */
export const lt = typed.lt
/** Less than or equal: `where({ age: lte(18) })`. */
export const lte = typed.lte
/** In a range, both ends included: `where({ age: between(18, 30) })`. */
export const between = typed.between
/** IN: `where({ role: oneOf(['writer', 'editor']) })`. An empty list matches no row. */
export const oneOf = typed.oneOf
/** LIKE: `where({ name: like('A%') })`. `%` and `_` are wildcards. */
export const like = typed.like
/** Contains this text: `where({ name: contains('da') })`. corm escapes `%` and `_`. */
export const contains = typed.contains
/** Like `contains`, but ignores case. */
export const icontains = typed.icontains
/** Starts with this text: `where({ name: startsWith('A') })`. corm escapes `%` and `_`. */
export const startsWith = typed.startsWith
/** Like `startsWith`, but ignores case. */
export const istartsWith = typed.istartsWith
/** Ends with this text: `where({ name: endsWith('a') })`. corm escapes `%` and `_`. */
export const endsWith = typed.endsWith
/** Like `endsWith`, but ignores case. */
export const iendsWith = typed.iendsWith
/** Negates a condition, an operator or a value: `where({ role: not('editor') })`. */
export const not = typed.not
/** Combines conditions with AND: `where(c => and(c.age.gt(18), c.active.eq(true)))`. */
export const and = typed.and
/** Combines conditions with OR: `where(c => or(c.role.eq('editor'), c.age.gt(65)))`. */
export const or = typed.or

/** SQL functions: `fn.count()`, `fn.sum(c.price)`. */
export const fn = functions as unknown as Functions

/** SQL CASE: `caseWhen(c.age.lt(18), 'young').when(c.age.lt(65), 'grown').else('old')`. */
export const caseWhen = makeCase as unknown as CaseWhen

/** Raw SQL, with values as parameters: sql`length(${c.name}) > ${10}`. */
export const sql = tag as unknown as SqlTag
