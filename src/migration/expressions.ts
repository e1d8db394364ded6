import { CALL } from '../ast/bases.js'
import { nodeOf } from '../ast/brand.js'
import type { ExpressionNode } from '../ast/expression.js'
import type { ColumnState } from '../ast/schema.js'
import { DefinitionError, MigrationError, quoted } from '../errors.js'
import { columnOf } from '../query/columns/columns.js'
import { collectPredicate, Expr } from '../query/expression/expression.js'
import { proxyOf } from '../util/own.js'
import { emptyRecord } from '../util/record.js'
import { type CallbackColumns, fieldOfState } from './column.js'

/** The columns of a table as expressions. Reading an unknown name throws. */
export function callbackColumns(table: string, columns: readonly ColumnState[]): CallbackColumns {
  const record = emptyRecord<Expr>()
  for (const [index, column] of columns.entries())
    record[column.name] = new Expr(columnOf(fieldOfState(table, column, index)))
  return proxyOf(Object.freeze(record), {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || name === 'then') return Reflect.get(target, name)
      throw new MigrationError(
        `The table ${quoted(table)} has no column ${quoted(name)} at this point of the migrations.`,
      )
    },
  })
}

/** The node of a condition: an expression, or a function of the columns that returns one. */
export function predicateOf(given: unknown, columns: CallbackColumns, what: string): ExpressionNode {
  if (typeof given === 'function') return collectPredicate(() => given(columns), what)
  return expressionFrom(given, columns, what)
}

/** The node of an expression, or of a function of the columns that returns one. */
export function expressionFrom(given: unknown, columns: CallbackColumns, what: string): ExpressionNode {
  const node = nodeOf(typeof given === 'function' ? given(columns) : given)
  if (node === undefined || node.kind === 'order')
    throw new DefinitionError(`${what} takes an expression, such as (c) => c.price.gte(0), or sql\`…\`.`)
  return node
}

/** The first of these columns that contains a text. It is the expression in the index of a translated field. */
export function translated(...columns: readonly unknown[]): Expr {
  const args = columns.map((each) => expressionFrom(each, {}, 'translated()'))
  const [first] = args
  const type = first?.kind === 'column' ? first.type : null
  return new Expr({ ...CALL, name: 'translated', args, distinct: false, type })
}
