const QUOTE = 34
const BACKSLASH = 92

const opens = (c: number) => c === 91 || c === 123
const closes = (c: number) => c === 93 || c === 125

/** Whether lists and objects of a JSON text are nested in more than so many levels. */
export function isDeeperThan(text: string, levels: number): boolean {
  // each level has a bracket at both ends
  if (text.length <= 2 * levels) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = endOfString(text, i)
    else if (opens(c)) {
      if (++depth > levels) return true
    } else if (closes(c)) depth--
  }
  return false
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}
