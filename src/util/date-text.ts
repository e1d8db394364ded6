const two = (t: string, i: number) => (t.charCodeAt(i) - 48) * 10 + t.charCodeAt(i + 1) - 48

function utc(year: number, month: number, day: number, h: number, m: number, s: number, ms: number): Date {
  const date = new Date(Date.UTC(year, month - 1, day, h, m, s, ms))
  if (year < 100) date.setUTCFullYear(year)
  return date
}

/** Reads `YYYY-MM-DD HH:MM:SS.SSS` in UTC; other lengths, `T` and `Z` by a slower path. */
export function parseDateTime(text: string): Date {
  if (text.length !== 23 || text.charCodeAt(10) !== 32) return parseOtherDateTime(text)
  const year = two(text, 0) * 100 + two(text, 2)
  const ms = two(text, 20) * 10 + text.charCodeAt(22) - 48
  return utc(year, two(text, 5), two(text, 8), two(text, 11), two(text, 14), two(text, 17), ms)
}

const FORM = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/

function parseOtherDateTime(text: string): Date {
  const match = FORM.exec(text)
  if (match === null) return new Date(Number.NaN)
  const [, y, mo, d, h = '0', mi = '0', s = '0', fraction = '', zone = 'Z'] = match
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const date = utc(Number(y), Number(mo), Number(d), Number(h), Number(mi), Number(s), ms)
  return zone === 'Z' ? date : new Date(date.getTime() - offsetMinutes(zone) * 60_000)
}

function offsetMinutes(zone: string): number {
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return zone.startsWith('-') ? -minutes : minutes
}

/** `YYYY-MM-DD HH:MM:SS.SSS` in UTC, always 23 characters for the years 0 to 9999. */
export function formatDateTime(date: Date): string {
  const iso = date.toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}
