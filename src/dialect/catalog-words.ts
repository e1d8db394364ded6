import type { CatalogWords } from './catalog.js'
import { TokenReader, type TokenSyntax, tokensOf } from './sql-tokens.js'

interface Wording {
  readonly syntax: TokenSyntax
  /** Words that stand in the check of a list of texts, besides those that all databases write. */
  readonly listWords?: readonly string[]
  /** What may follow a text that is nothing but a text. */
  readonly textEnd?: RegExp
  /** Reads the metric of a vector index in what stands in its brackets. */
  readonly metricOf?: CatalogWords['metricOf']
}

const LIST_WORDS: readonly string[] = ['=', 'in', 'or', '(', ')', ',']

/** Reads SQL as a database writes it. */
export function catalogWords({ syntax, listWords = [], textEnd = /^$/, metricOf = () => null }: Wording): CatalogWords {
  const words = new Set([...LIST_WORDS, ...listWords])
  return {
    metricOf,
    namesIn: (sql) =>
      new Set(
        tokensOf(sql, syntax).flatMap(({ kind, value }) =>
          kind === 'name' || kind === 'word' ? [value.toLowerCase()] : [],
        ),
      ),
    textsIn: (sql) => new Set(tokensOf(sql, syntax).flatMap(({ kind, value }) => (kind === 'text' ? [value] : []))),
    textIn(sql) {
      const [first] = tokensOf(sql, syntax)
      return first?.kind === 'text' && textEnd.test(sql.slice(first.end)) ? first.value : null
    },
    notNullIn(condition) {
      const tokens = tokensOf(condition, syntax).filter(
        ({ kind, value }) => kind !== 'symbol' || (value !== '(' && value !== ')'),
      )
      const [column, ...rest] = tokens.map(({ value }) => value.toLowerCase())
      return column !== undefined && rest.join(' ') === 'is not null' ? column : null
    },
    valuesIn(predicate, column) {
      const { tokens } = new TokenReader(predicate, tokensOf(predicate, syntax))
      const isKnown = tokens.every(
        ({ kind, value }) => kind === 'text' || words.has(value.toLowerCase()) || value === column,
      )
      const values = tokens.flatMap(({ kind, value }) => (kind === 'text' ? [value] : []))
      return isKnown && values.length > 0 && new Set(values).size === values.length ? values : null
    },
  }
}
