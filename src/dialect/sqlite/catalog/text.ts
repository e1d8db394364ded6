import { type SqlToken, TokenReader, tokensOf } from '../../sql-tokens.js'

// SQLite keeps the text of definitions. Its catalog lists neither checks nor the names of constraints.

const SYNTAX = { backslash: false }

export const readerOf = (sql: string): TokenReader => new TokenReader(sql, tokensOf(sql, SYNTAX))
export const tokensIn = (sql: string): SqlToken[] => tokensOf(sql, SYNTAX)

const OPERATORS: Readonly<Record<string, string>> = { '!=': '<>', '==': '=' }

/** Equal for texts that mean the same, however names are quoted and words are written. */
export function canonicalSql(sql: string): string {
  let tokens = tokensIn(sql).filter(({ kind }) => kind !== 'comment')
  while (isInBrackets(tokens)) tokens = tokens.slice(1, -1)
  return tokens
    .map(({ kind, value }) => {
      if (kind === 'text') return `'${value.replaceAll("'", "''")}'`
      return Object.hasOwn(OPERATORS, value) ? OPERATORS[value] : value.toLowerCase()
    })
    .join(' ')
}

/** Whether one pair of brackets is around all of it. */
function isInBrackets(tokens: readonly SqlToken[]): boolean {
  let depth = 0
  for (const [i, { kind, value }] of tokens.entries()) {
    if (kind !== 'symbol') continue
    if (value === '(') depth++
    else if (value === ')') depth--
    if (depth === 0) return i === tokens.length - 1 && i > 0
  }
  return false
}
