import { own } from './own.js'

const PLAIN = /^[\x20-\x7e]*$/
// terminals show these in two cells: East Asian wide and fullwidth characters
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u
// these take no cell: marks, joiners, and the inner letters of a Korean syllable
const NONE = /[\p{M}\p{Cf}\u1160-\u11ff]/u
// as a literal, the flag v would need a newer language target
const SETS = 'v'

let tools: { readonly emoji: RegExp; readonly segmenter: Intl.Segmenter } | undefined

/** Created on first use, because creating them takes longer than most programs spend on drawing tables. */
function unicode(): NonNullable<typeof tools> {
  tools ??= {
    emoji: new RegExp(String.raw`^(\p{RGI_Emoji}|\p{Emoji_Presentation})`, SETS),
    segmenter: new Intl.Segmenter(undefined, { granularity: 'grapheme' }),
  }
  return tools
}

function cellsOf(grapheme: string): number {
  if (unicode().emoji.test(grapheme)) return 2
  let cells = 0
  for (const char of grapheme) if (!NONE.test(char)) cells += WIDE.test(char) ? 2 : 1
  return cells
}

/** How many terminal cells a text takes. The text must not contain control characters: see `visible`. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of unicode().segmenter.segment(text)) width += cellsOf(segment)
  return width
}

/** Cuts a text to a width. The last cell is an ellipsis if something is left out. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let left = width - 1
  for (const { segment } of unicode().segmenter.segment(text)) {
    left -= cellsOf(segment)
    if (left < 0) break
    kept += segment
  }
  return `${kept}…`
}

const SHORT: Readonly<Record<string, string>> = own({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })

/**
 * Removes what a terminal would interpret: control characters, and characters that are invisible or change the direction
 * of text.
 */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/gu,
    (char) => SHORT[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`,
  )
}
