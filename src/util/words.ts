/** Words of a search beyond which the rest is left out: PGlite fails at a few thousand. */
const MOST_WORDS = 200

/** Letters, digits and marks, but for the selectors that follow an emoji. Fractions and raised digits are symbols. */
const WORD = /(?:(?![\ufe00-\ufe0f])[\p{L}\p{Nd}\p{Nl}\p{M}\p{Co}])+/gu
const ACCENTS = /([a-z])[\u0300-\u036f]+/g

/** Letters that have the same capital as another one, and that other one. Databases lower a capital to the second. */
const VARIANTS: Readonly<Record<string, string>> = { ς: 'σ', µ: 'μ', ſ: 's' }
export const VARIANT_LETTERS: readonly [variants: string, letters: string] = [
  Object.keys(VARIANTS).join(''),
  Object.values(VARIANTS).join(''),
]

/** Folds case and the accents of Latin letters. */
const folded = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTS, '$1')
    .normalize('NFC')
    .replace(/[ςµſ]/g, (letter) => VARIANTS[letter] ?? letter)

const NONE: ReadonlySet<string> = new Set()

/** The words that PostgreSQL leaves out of English texts. */
const ENGLISH: ReadonlySet<string> = new Set(
  (
    'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its ' +
    'itself they them their theirs themselves what which who whom this that these those am is are was were be been being have ' +
    'has had having do does did doing a an the and but if or because as until while of at by for with about against between ' +
    'into through during before after above below to from up down in out on off over under again further then once here there ' +
    'when where why how all any both each few more most other some such no nor not only own same so than too very s t can will ' +
    'just don should now'
  ).split(' '),
)

/**
 * The words of a text for a full-text search: each once, in lower case, without accents, and separated by spaces. Everything
 * that is no letter, digit or mark only separates words, so no database finds an operator in the result. With `prefix`, a
 * `*` after the last word says that it is the beginning of words.
 */
export function searchWords(text: string, language: string | null, prefix: boolean): string {
  const words = new Set<string>()
  const left = language === 'english' ? ENGLISH : NONE
  let last = ''
  // half a character is no character
  for (const [word] of folded(text.toWellFormed()).matchAll(WORD)) {
    if (!/[\p{L}\p{Nd}\p{Nl}\p{Co}]/u.test(word)) continue
    if (words.size >= MOST_WORDS) return [...words].join(' ')
    last = word
    if (!left.has(word)) words.add(word)
  }
  if (!prefix || !words.delete(last)) return [...words].join(' ')
  return [...words, `${last}*`].join(' ')
}
