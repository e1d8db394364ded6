import { COLUMN, RAW } from '../../ast/bases.js'
import type { ColumnDefinition, CreateFullTextNode, CreateTableNode } from '../../ast/definition.js'
import type { ExpressionNode, MatchNode } from '../../ast/expression.js'
import type { FullTextIndex } from '../../ast/full-text.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { at } from '../../util/list.js'
import { VARIANT_LETTERS } from '../../util/words.js'
import type { FullTextSupport } from '../dialect.js'

// https://www.postgresql.org/docs/current/textsearch.html

export const fullText: FullTextSupport = {
  seesUncommitted: true,
  created: () => ['index'],
  filled: () => [],
  column: wordsColumn,
  dropped: () => [],
}

/** Adds the columns that hold the words of full-text indexes. */
export const withWords = (node: CreateTableNode): CreateTableNode =>
  node.fullText.length === 0 ? node : { ...node, columns: [...node.columns, ...node.fullText.map(wordsColumn)] }

export function writeFullTextIndex({ index }: CreateFullTextNode, out: SqlWriter): void {
  out.write('create index ').identifier(index.name).write(' on ').identifier(index.table)
  out.write(' using gin (').identifier(index.name).write(')')
}

/**
 * A tsvector of more than 1 MB is an error. At most 4 bytes come of a character: a short word takes its bytes, 2 for its
 * position, and up to 3 to fill up.
 */
const MOST_CHARACTERS = 240_000

/** All but letters, digits and marks, in the ranges of Unicode where punctuation and symbols are. */
const SEPARATORS =
  '\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a9\\u00ab-\\u00b4\\u00b6-\\u00b9\\u00bb-\\u00bf\\u00d7\\u00f7' +
  '\\u2000-\\u206f\\u207a-\\u207e\\u208a-\\u208e\\u20a0-\\u20cf\\u2190-\\u245f\\u249c-\\u24e9\\u2500-\\u2775\\u2794-\\u2bff' +
  '\\u2e00-\\u2e7f\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe19\\ufe30-\\ufe6f' +
  '\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\U0001f000-\\U0001faff'

/**
 * The words of a text as the other databases see them. The parser of PostgreSQL would keep `foo-bar`, addresses and numbers
 * together, and accents matter to it. Every function here is immutable, as a generated column requires.
 */
const BEFORE = 'translate(regexp_replace(normalize(regexp_replace(normalize(left(coalesce('
const AFTER = `), NFD), '([A-Za-z])[\\u0300-\\u036f]+', '\\1', 'g'), NFC), '[${SEPARATORS}]+', ' ', 'g'), '${VARIANT_LETTERS[0]}', '${VARIANT_LETTERS[1]}')`

const configuration = ({ language }: FullTextIndex): string => `'${language ?? 'simple'}'::regconfig`

const LABELS = ['A', 'B', 'C', 'D'] as const

/** The label of each column's weight, and the weights by label from D to A, as `ts_rank` takes them. */
function labelsOf({ weights, columns }: FullTextIndex): {
  labels: readonly string[]
  ranks: readonly number[] | null
} {
  if (weights === null) return { labels: columns.map(() => ''), ranks: null }
  const sorted = [...new Set(weights)].sort((a, b) => b - a)
  const most = at(sorted, 0)
  const ranks = LABELS.map((_, i) => (sorted[i] ?? 0) / most)
  return { labels: weights.map((weight) => at(LABELS, sorted.indexOf(weight))), ranks: ranks.reverse() }
}

function wordsColumn(index: FullTextIndex): ColumnDefinition {
  const { labels } = labelsOf(index)
  const most = Math.floor(MOST_CHARACTERS / index.columns.length)
  const texts: string[] = []
  const nodes: ExpressionNode[] = []
  let before = ''
  index.columns.forEach((name, i) => {
    const vector = `to_tsvector(${configuration(index)}, ${BEFORE}`
    texts.push(before + (labels[i] === '' ? vector : `setweight(${vector}`))
    nodes.push({ ...COLUMN, table: null, name, type: null })
    before = `, ''), ${most}${AFTER})${labels[i] === '' ? '' : `, '${labels[i]}')`} || `
  })
  texts.push(before.slice(0, -' || '.length))
  const expression: ExpressionNode = { ...RAW, texts, nodes, dynamic: false, ours: true }
  return {
    name: index.name,
    type: { name: 'text', sql: 'tsvector' },
    nullable: true,
    isKey: false,
    default: null,
    generated: { expression, stored: true },
    comment: null,
  }
}

/** The search. An empty one matches nothing. A word that is too long for an index is in no row. */
export function writeMatch(node: MatchNode, out: SqlWriter): void {
  const { of, words, index } = node
  if (of === 'condition') {
    out.node(words).write(' @@ ')
    writeQuery(node, out)
    return
  }
  const { ranks } = labelsOf(index)
  out.write('ts_rank(')
  if (ranks !== null) out.write(`'{${ranks.join(', ')}}', `)
  out.node(words).write(', ')
  writeQuery(node, out)
  out.write(')')
}

function writeQuery({ index, prefix, search }: MatchNode, out: SqlWriter): void {
  const encode = encoderOf(search, out)
  out.write(prefix ? 'to_tsquery(' : 'websearch_to_tsquery(').write(`${configuration(index)}, `)
  out.bind(search, (text) => tsqueryOf(String(encode(text))))
  out.write(')')
}

/** The longest word of a tsvector, in bytes. */
const LONGEST = 2046

/** `"red" "wine"`, or `'red' & 'win':*` for a prefix, which only `to_tsquery` has. The words are letters and digits. */
function tsqueryOf(search: string): string {
  const words = search === '' ? [] : search.split(' ')
  if (words.some((word) => Buffer.byteLength(word) > LONGEST)) return ''
  const last = words.at(-1)
  if (last?.endsWith('*') !== true) return words.map((word) => `"${word}"`).join(' ')
  return [...words.slice(0, -1).map((word) => `'${word}'`), `'${last.slice(0, -1)}':*`].join(' & ')
}
