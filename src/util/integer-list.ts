const [ZERO, NINE, COMMA] = [48, 57, 44]
/** Any number of this many digits is exact in JavaScript. */
const DIGITS = 15

/**
 * Parses a list of integers in a third of the time of `JSON.parse`. Returns null if the text contains anything but digits
 * and commas.
 */
export function parseIntegers(text: string): number[] | null {
  const integers: number[] = []
  const end = text.length - 1
  let integer = 0
  let digits = 0
  for (let i = 1; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code >= ZERO && code <= NINE) {
      integer = integer * 10 + code - ZERO
      digits++
    } else if (code === COMMA && digits > 0 && digits <= DIGITS) {
      integers.push(integer)
      integer = digits = 0
    } else return null
  }
  if (digits > DIGITS) return null
  if (digits > 0) integers.push(integer)
  return integers
}
