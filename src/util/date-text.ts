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

const DAY = 86_400_000
const padded = (count: number, width: number, end: string) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(width, '0') + end)
const HOURS = padded(24, 2, ':')
const MINUTES = padded(60, 2, ':')
const SECONDS = padded(60, 2, '.')
const MILLISECONDS = padded(1000, 3, '')

let lastDay = Number.NaN
let lastDayText = ''

/** `YYYY-MM-DD HH:MM:SS.SSS` in UTC, always 23 characters for the years 0 to 9999. The day of the call before is kept. */
export function formatDateTime(date: Date): string {
  const time = date.getTime()
  const day = Math.floor(time / DAY)
  if (day !== lastDay) {
    lastDayText = `${date.toISOString().slice(0, 10)} `
    lastDay = day
  }
  const rest = time - day * DAY
  const minutes = Math.floor(rest / 60_000)
  const ms = rest - minutes * 60_000
  const seconds = Math.floor(ms / 1000)
  const hour = Math.floor(minutes / 60)
  return `${lastDayText}${HOURS[hour]}${MINUTES[minutes - hour * 60]}${SECONDS[seconds]}${MILLISECONDS[ms - seconds * 1000]}`
}
