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
 * Blocks of symbols and emoji, by the bytes that their characters begin with. In each, these bytes become those of the block
 * U+2000 to U+203F, all of which separates words: two dozens of replacements stand for thousands of characters. The number
 * of bytes stays the same.
 */
const SYMBOLS = [
  ...blocks('e2', '88 89 8a 8b 8c 8d 8e 8f 94 95 96 97 98 99 9a 9b 9c 9d 9e ac ad ae af', 'e280'),
  ...blocks('f09f', '84 85 86 87 88 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9f a4 a5 a6 a7 a9 aa ab', '20e280'),
]

function blocks(lead: string, nexts: string, becomes: string): (readonly [from: string, to: string])[] {
  return nexts.split(' ').map((next) => [`0x${lead}${next}`, `0x${becomes}`] as const)
}

/**
 * What else separates words besides the space. Each is replaced by as many spaces as it has bytes: replacing a text by a longer
 * or shorter one takes a time that grows with the square of their number.
 */
const SEPARATORS = [
  ...'\0\t\n\v\f\r!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ...'\u00a0¡¢£¤¥¦§¨©«¬\u00ad®¯°±²³´¶·¸¹»¼½¾¿×÷™←↑→↓↔€₤₦₩₪₫₱₴₸₹₺₽₿\ufeff',
  ...Array.from({ length: 64 }, (_, i) => String.fromCharCode(0x2000 + i)),
  ...Array.from({ length: 16 }, (_, i) => String.fromCharCode(0xfe00 + i)),
  ...'\u3000。、，．・「」『』（）［］｛｝【】《》〈〉！？：；～＂＇＠＃％＆＊＋－／＝＿｜؟،؛।',
]

function wordsColumn({ name, columns }: FullTextIndex): ColumnDefinition {
  const [opened, bytes] = ['replace('.repeat(SEPARATORS.length), 'replace('.repeat(SYMBOLS.length)]
  const first = `json_quote(replace(${opened}convert(${bytes}cast(convert(concat_ws(' ', '', `
  const texts: string[] = columns.map((_, i) => (i === 0 ? first : ', '))
  const symbols = SYMBOLS.map(([from, to]) => `, ${from}, ${to})`).join('')
  const spaces = SEPARATORS.map((each) => `, ${literal(each)}, '${' '.repeat(Buffer.byteLength(each))}')`)
  texts.push(`) using utf8mb4) as binary)${symbols} using utf8mb4)${spaces.join('')}, ' ', ${literal('\u0001')}))`)
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

/**
 * Characters of words that InnoDB takes for separators: those beyond U+FFFF, and those of newer scripts, which its table of
 * Unicode does not have. A word with one of them would be searched for by its parts, the first of which may be the prefix alone.
 */
const UNKNOWN = new RegExp(
  `[\\u{10000}-\\u{10ffff}${
    '\\u02ec\\u0370-\\u0377\\u037f\\u03cf\\u0487\\u0514-\\u052f\\u0560\\u0588\\u05ef\\u0616-\\u0620\\u063b-\\u063f\\u065f' +
    '\\u076e-\\u077f\\u07fd-\\u0900\\u093a-\\u093b\\u094e-\\u094f\\u0955-\\u0957\\u0971-\\u097a\\u0980\\u09fc-\\u09fe\\u0a51\\u0a75' +
    '\\u0af9-\\u0aff\\u0b44\\u0b55\\u0b62-\\u0b63\\u0b72-\\u0b77\\u0bd0\\u0c00\\u0c04\\u0c34\\u0c3c-\\u0c3d\\u0c58-\\u0c5d' +
    '\\u0c62-\\u0c63\\u0c78-\\u0c81\\u0cdc-\\u0cdd\\u0cf1-\\u0d01\\u0d04\\u0d29\\u0d3a-\\u0d3d\\u0d44\\u0d4e-\\u0d56\\u0d58-\\u0d5f' +
    '\\u0d62-\\u0d63\\u0d70-\\u0d81\\u0de6-\\u0def\\u0e86\\u0e89\\u0e8c\\u0e8e-\\u0e93\\u0e98\\u0ea0\\u0ea8-\\u0ea9\\u0eac\\u0eba' +
    '\\u0ece\\u0ede-\\u0edf\\u0f6b-\\u0f6c\\u0f8c-\\u0f8f\\u1022\\u1028\\u102b\\u1033-\\u1035\\u103a-\\u103f\\u105a-\\u109d' +
    '\\u10c7-\\u10cd\\u10fd-\\u10ff\\u115a-\\u115e\\u11a3-\\u11a7\\u11fa-\\u11ff\\u135d-\\u135e\\u13f5-\\u13fd\\u1677-\\u167f' +
    '\\u16f1-\\u16f8\\u170d\\u1715-\\u171f\\u17b4-\\u17b5\\u180f\\u1878\\u18aa-\\u18f5\\u191d-\\u191e\\u19aa-\\u19ab\\u19da' +
    '\\u1a20-\\u1aeb\\u1b4c\\u1b80-\\u1cfa\\u1dcb-\\u1dfd\\u1e9c-\\u1e9f\\u1efa-\\u1eff\\u2095-\\u209c\\u20f0\\u2185-\\u2188\\u2c2f' +
    '\\u2c5f\\u2c6d-\\u2c73\\u2c78-\\u2c7f\\u2ceb-\\u2cf3\\u2d27-\\u2d2d\\u2d66-\\u2d67\\u2d7f\\u2de0-\\u2e2f\\u312d-\\u312f' +
    '\\u31b8-\\u31bf\\ua4d0-\\ua6f1\\ua71b-\\ua7ff\\ua82c-\\ua835\\ua880-\\uabf9\\ud7b0-\\uf8ff\\ufa2e-\\ufa2f\\ufa6b-\\ufa6d' +
    '\\ufe24-\\ufe2f'
  }]`,
  'u',
)

/** `+u0001red +u0001win*` */
function booleanSearch(search: string): string {
  const words = search === '' ? [] : search.split(' ')
  if (words.some((word) => [...word].length > LONGEST || UNKNOWN.test(word))) return NOTHING
  return words.map((word) => `+${PREFIX}${word}`).join(' ')
}
