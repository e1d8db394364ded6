import { isSame } from '../ast/canonical.js'
import type { ExpressionNode } from '../ast/expression.js'
import type { IndexState, TableState } from '../ast/schema.js'
import { transformExpression } from '../ast/transform.js'
import { childrenOf } from '../ast/walk.js'

// Finds the definitions of a table that use a column, and renames the column in them.

/** Matches words of SQL outside string literals. Quoted names count as words. */
const TOKENS = /'(?:[^']|'')*'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|[\p{L}_][\p{L}\p{N}_$]*/gu

/** Whether an expression reads the column of its table. Raw SQL is searched for the name. */
export function usesColumn(expression: ExpressionNode | null, column: string): boolean {
  if (expression === null) return false
  if (expression.kind === 'column') return expression.name === column
  if (expression.kind === 'identifier') return expression.path.at(-1) === column
  if (expression.kind === 'raw' && expression.texts.some((text) => hasWord(text, column))) return true
  return childrenOf(expression).some((child) => usesColumn(child, column))
}

const nameIn = ([text, double, back]: RegExpMatchArray): string =>
  double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? text

const hasWord = (text: string, word: string) => [...text.matchAll(TOKENS)].some((match) => nameIn(match) === word)

/** The expression after a column of its table was renamed. */
export function renamedIn(expression: ExpressionNode, from: string, to: string): ExpressionNode {
  return transformExpression(expression, (copy) => {
    if (copy.kind === 'column' && copy.name === from) return { ...copy, name: to }
    if (copy.kind === 'identifier' && copy.path.at(-1) === from)
      return { ...copy, path: [...copy.path.slice(0, -1), to] }
    if (copy.kind === 'raw') return { ...copy, texts: copy.texts.map((text) => withWord(text, from, to)) }
    return copy
  })
}

const withWord = (text: string, from: string, to: string) =>
  text.replace(TOKENS, (found: string, double?: string, back?: string) => {
    if ((double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? found) !== from) return found
    if (double !== undefined) return `"${to.replaceAll('"', '""')}"`
    return back === undefined ? to : `\`${to.replaceAll('`', '``')}\``
  })

/** Whether an index is over a column, or reads it. */
export const indexUses = ({ columns, where, expression }: IndexState, column: string): boolean =>
  columns.includes(column) || usesColumn(where, column) || usesColumn(expression, column)

/** The constraints, indexes and generated columns that use a column, by name. */
export function usersOf(table: TableState, column: string) {
  return {
    indexes: table.indexes.filter((index) => indexUses(index, column)).map(({ name }) => name),
    foreignKeys: table.foreignKeys.filter(({ columns }) => columns.includes(column)).map(({ name }) => name),
    checks: table.checks.filter(({ predicate }) => usesColumn(predicate, column)).map(({ name }) => name),
    generated: table.columns
      .filter(({ name, generated }) => name !== column && usesColumn(generated?.expression ?? null, column))
      .map(({ name }) => name),
  }
}

/** Whether two definitions are equal apart from their names. */
export const isSameUnnamed = (a: { readonly name: string }, b: { readonly name: string }): boolean =>
  isSame({ ...a, name: null }, { ...b, name: null })
