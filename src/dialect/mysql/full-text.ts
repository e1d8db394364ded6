import { COLUMN, RAW } from '../../ast/bases.js'
import type { ColumnDefinition, CreateFullTextNode, CreateTableNode } from '../../ast/definition.js'
import type { ExpressionNode, MatchNode } from '../../ast/expression.js'
import type { FullTextIndex } from '../../ast/full-text.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import type { FullTextSupport } from '../dialect.js'
import { literal } from './syntax.js'

// https://mariadb.com/kb/en/full-text-index-overview/ and https://dev.mysql.com/doc/refman/8.4/en/fulltext-search.html
//
// InnoDB leaves out words of less than three letters and a list of common words, and a search for such a word finds nothing.
// Its index is therefore over a generated column in which each word follows the letters `u0001`: all words are long enough
// then, and none is on the list. These letters are what JSON_QUOTE makes of the character U+0001. Functions that insert a
// text before each word, such as REGEXP_REPLACE, take a time that grows with the square of the number of words.

export const fullText: FullTextSupport = {
  seesUncommitted: false,
  created: () => ['index'],
  filled: () => [],
  column: wordsColumn,
  dropped: () => [],
}

const PREFIX = 'u0001'

/** Adds the columns that hold the words of full-text indexes. */
export const withWords = (node: CreateTableNode): CreateTableNode =>
  node.fullText.length === 0 ? node : { ...node, columns: [...node.columns, ...node.fullText.map(wordsColumn)] }

export function writeFullTextIndex({ index }: CreateFullTextNode, out: SqlWriter): void {
  out.write('create fulltext index ').identifier(index.name).write(' on ').identifier(index.table)
  out.write(' (').identifier(index.name).write(')')
}

/** Accents and case don't matter in it, and unlike in newer collations letters such as ł and ø are letters of their own. */
const COLLATION = 'longtext character set utf8mb4 collate utf8mb4_general_ci'

/**
 * What separates words besides the space. Each is replaced by as many spaces as it has bytes: replacing a text by a longer or
 * shorter one takes a time that grows with the square of their number.
 */
const SEPARATORS = [
  ...'\0\t\n\v\f\r!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ...'\u00a0¡§«»·¿×÷°±©®‘’‚‛“”„‟†‡•…–—―‹›€™→←\u2009\u200a\u200b\u2028\u2029\u202f\u3000',
  ...'。、，．・「」『』（）［］｛｝【】《》〈〉！？：；～＂＇＠＃％＆＊＋－／＝＿｜؟،؛।',
]

function wordsColumn({ name, columns }: FullTextIndex): ColumnDefinition {
  const texts: string[] = columns.map((_, i) => (i === 0 ? "concat_ws(' ', '', " : ', '))
  texts[0] = `json_quote(replace(${'replace('.repeat(SEPARATORS.length)}${texts[0]}`
  const spaces = SEPARATORS.map((each) => `, ${literal(each)}, '${' '.repeat(Buffer.byteLength(each))}')`)
  texts.push(`)${spaces.join('')}, ' ', ${literal('\u0001')}))`)
  const nodes: ExpressionNode[] = columns.map((column) => ({ ...COLUMN, table: null, name: column, type: null }))
  return {
    name,
    type: { name: 'text', sql: COLLATION },
    nullable: true,
    isKey: false,
    default: null,
    generated: { expression: { ...RAW, texts, nodes, dynamic: false, ours: true }, stored: true },
    comment: null,
  }
}

/** Written alike as a condition and as a rank: the server computes it once. */
export function writeMatch({ words, search }: MatchNode, out: SqlWriter): void {
  const encode = encoderOf(search, out)
  out.write('match (').node(words).write(') against (')
  out.bind(search, (text) => booleanSearch(String(encode(text))))
  out.write(' in boolean mode)')
}

/** The longest word that InnoDB keeps, in characters. It leaves longer ones out of a search, too. */
const LONGEST = 84 - PREFIX.length

/** No word of an index begins without the prefix. */
const NOTHING = '+nothing'

/** `+u0001red +u0001win*` */
function booleanSearch(search: string): string {
  const words = search === '' ? [] : search.split(' ')
  if (words.some((word) => [...word].length > LONGEST)) return NOTHING
  return words.map((word) => `+${PREFIX}${word}`).join(' ')
}
