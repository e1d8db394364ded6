import { type SqlToken, tokensOf } from '../../sql-tokens.js'

/** A pair of brackets, or all of the SQL, as far as it was read. */
interface BracketLevel {
  isSelect: boolean
  /** Names are those of tables, not of columns. */
  inTables: boolean
}

const EXPRESSIONS: ReadonlySet<string> = new Set(
  'select on using where group having order limit window procedure union except intersect'.split(' '),
)
const SEQUENCE_CALLS: ReadonlySet<string> = new Set(['nextval', 'lastval', 'setval'])

/**
 * SQL of the server without the name of the current database, so that it holds in a database of any name. The server writes the
 * name before tables, functions and sequences. The alias of a table may be the same name: it stands before columns only.
 */
export function withoutDatabase(sql: string, database: string): string {
  const tokens = tokensOf(sql, { backslash: true }).filter(({ kind }) => kind !== 'comment')
  const levels: BracketLevel[] = [{ isSelect: false, inTables: false }]
  let text = ''
  let from = 0
  for (const [i, token] of tokens.entries()) {
    const level = levels.at(-1) ?? { isSelect: false, inTables: false }
    if (token.kind === 'word') readWord(token.value.toLowerCase(), level)
    else if (token.kind === 'symbol' && token.value === '(') levels.push({ ...level, isSelect: false })
    else if (token.kind === 'symbol' && token.value === ')' && levels.length > 1) levels.pop()
    else if (token.kind === 'name' && token.value === database && isQualifier(tokens, i, level)) {
      text += sql.slice(from, token.start)
      from = tokens[i + 2]?.start ?? token.end
    }
  }
  return text + sql.slice(from)
}

function readWord(word: string, level: BracketLevel): void {
  if (word === 'select') level.isSelect = true
  if (EXPRESSIONS.has(word)) level.inTables = false
  // that of `extract(year from …)` stands in the brackets of a call
  else if (word === 'join' || word === 'straight_join' || (word === 'from' && level.isSelect)) level.inTables = true
}

const isSymbol = (token: SqlToken | undefined, value: string) => token?.kind === 'symbol' && token.value === value

/** Whether this name is the database of what follows. */
function isQualifier(tokens: readonly SqlToken[], at: number, { inTables }: BracketLevel): boolean {
  if (!isSymbol(tokens[at + 1], '.') || isSymbol(tokens[at - 1], '.')) return false
  const next = tokens[at + 3]
  return inTables || isSymbol(next, '.') || isSymbol(next, '(') || isOfSequence(tokens, at)
}

const isOfSequence = (tokens: readonly SqlToken[], at: number): boolean =>
  isSymbol(tokens[at - 1], '(') && SEQUENCE_CALLS.has(tokens[at - 2]?.value.toLowerCase() ?? '')
