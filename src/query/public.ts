import type { CaseWhen, Operators, SqlTag } from '../types/expression.js'
import type { Functions } from '../types/functions.js'
import { caseWhen as makeCase } from './expression/case.js'
import { fn as functions } from './expression/functions.js'
import * as operators from './expression/operators.js'
import { sql as tag } from './expression/sql.js'

const typed = operators as unknown as Operators

/** `where({ name: eq('Ada') })`: equal; null is IS NULL. */
export const eq = typed.eq
/** `where({ age: gt(18) })`: greater. */
export const gt = typed.gt
/** `where({ age: gte(18) })`: greater or equal. */
export const gte = typed.gte
/** `where({ age: lt(18) })`: less. */
export const lt = typed.lt
/** `where({ age: lte(18) })`: less or equal. */
export const lte = typed.lte
/** `where({ age: between(18, 30) })`: in a range, both ends included. */
export const between = typed.between
/** `where({ role: oneOf(['writer', 'editor']) })`: one of a list; an empty list matches nothing. */
export const oneOf = typed.oneOf
/** `where({ name: like('A%') })`: a pattern as written, with `%` and `_`. */
export const like = typed.like
/** `where({ name: contains('da') })`: holds this text; `%` and `_` are ordinary characters. */
export const contains = typed.contains
/** Like `contains`, without regard to case. */
export const icontains = typed.icontains
/** `where({ name: startsWith('A') })`: begins with this text. */
export const startsWith = typed.startsWith
/** Like `startsWith`, without regard to case. */
export const istartsWith = typed.istartsWith
/** `where({ name: endsWith('a') })`: ends with this text. */
export const endsWith = typed.endsWith
/** Like `endsWith`, without regard to case. */
export const iendsWith = typed.iendsWith
/** Turns a condition, an operator or a value round: `where({ role: not('editor') })`. */
export const not = typed.not
/** All of these conditions: `where(c => and(c.age.gt(18), c.active.eq(true)))`. */
export const and = typed.and
/** Any of these conditions: `where(c => or(c.role.eq('editor'), c.age.gt(65)))`. */
export const or = typed.or

/** Functions of SQL: `fn.count()`, `fn.sum(c.price)`. */
export const fn = functions as unknown as Functions

/** CASE: `caseWhen(c.age.lt(18), 'young').when(c.age.lt(65), 'grown').else('old')`. */
export const caseWhen = makeCase as unknown as CaseWhen

/** SQL by hand, with bound values: sql`length(${c.name}) > ${10}`. */
export const sql = tag as unknown as SqlTag
