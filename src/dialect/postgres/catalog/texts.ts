import { catalogWords } from '../../catalog-words.js'

// The server keeps casts in the expressions of a column whose type was changed later: `'x'::character varying` stays where a new
// table has `'x'::text`.

const TEXT_CAST = /('(?:[^']|'')*')::(?:text|character varying(?:\(\d+\))?|bpchar)(?!\[)/g
const IN_BRACKETS = /\(('(?:[^']|'')*')\)/g
const LIST_CAST = /::(?:text|character varying)\[\]/g
const LIST_IN_BRACKETS = /\(\((ARRAY\[(?:'(?:[^']|'')*'|[^\]'])*\])\)\)/g
const COLUMN_CAST = /\(([a-z_][\w$]*|"(?:[^"]|"")*")\)::text/g

function loosened(text: string): string {
  let before = ''
  let now = text
  while (now !== before) {
    before = now
    now = now
      .replace(TEXT_CAST, '$1')
      .replace(IN_BRACKETS, '$1')
      .replace(LIST_CAST, '')
      .replace(COLUMN_CAST, '$1')
      .replace(LIST_IN_BRACKETS, '($1)')
  }
  return now
}

/** Whether two expressions are the same but for casts of texts to text. */
export const isSameText = (a: string, b: string): boolean => a === b || loosened(a) === loosened(b)

/** The metrics of pgvector's classes of operators. */
const METRICS: ReadonlyMap<string, string> = new Map([
  ['cosine', 'cosine'],
  ['l2', 'euclidean'],
  ['ip', 'dot'],
])

export const words = catalogWords({
  syntax: { backslash: false, brackets: false },
  listWords: ['any', 'array', '[', ']', ':', 'text', 'character', 'varying'],
  textEnd: /^(?:::(?:text|character varying))?$/,
  metricOf: (keys) => METRICS.get(/ vector_(\w+?)_ops/.exec(keys)?.[1] ?? '') ?? null,
})
