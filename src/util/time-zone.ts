import { at } from './list.js'
import { memo } from './memo.js'

// Offsets of named time zones, by the database that Node contains (ICU). Times are milliseconds since 1970 in UTC; "local" ones
// are what a clock in the zone shows, written as if it were UTC.

const SECOND = 1000
const DAY = 86_400_000
/** Into how many parts a year is divided, each of which is expected to have one change at most. */
const stepsIn = (year: number): number => (year < 1900 ? 4 : year < 2040 ? 30 : 12)

/** The changes of a zone's offset: the offset is `offsets[i]` before `times[i]`, and the last one after all of them. */
export interface OffsetChanges {
  readonly times: readonly number[]
  readonly offsets: readonly number[]
}

export type ZoneUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'

// without a slash only these: other databases take names like CET for a fixed offset
const NAME = /^(?:UTC|GMT|[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)+)$/

export class TimeZone {
  readonly #format: Intl.DateTimeFormat
  readonly #years = new Map<number, OffsetChanges>()

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** How far the zone's clocks are ahead of UTC. */
  offsetAt(time: number): number {
    const { times, offsets } = this.changesIn(new Date(time).getUTCFullYear())
    let i = 0
    while (i < times.length && at(times, i) <= time) i++
    return at(offsets, i)
  }

  /** The time at which clocks show a local time: the earlier one of two. If no clock shows it, the gap is added. */
  timeOf(local: number): number {
    const before = this.offsetAt(local - DAY)
    const after = this.offsetAt(local + DAY)
    if (before === after && this.offsetAt(local - before) === before) return local - before
    for (const offset of [Math.max(before, after), Math.min(before, after)])
      if (this.offsetAt(local - offset) === offset) return local - offset
    return local - before
  }

  /** The start of the local hour, day, month and so on. */
  truncate(time: number, unit: ZoneUnit): number {
    const offset = this.offsetAt(time)
    const local = time + offset
    if (unit === 'hour') return local - modulo(local, 3_600_000) - offset
    if (unit === 'minute') return local - modulo(local, 60_000) - offset
    if (unit === 'second') return local - modulo(local, SECOND) - offset
    return this.timeOf(startOf(local, unit))
  }

  changesIn(year: number): OffsetChanges {
    return memo(this.#years, year, () => this.#findIn(year))
  }

  /** All changes from the first day of a year to that of another one. */
  changesBetween(first: number, last: number): OffsetChanges {
    const times: number[] = []
    const offsets: number[] = [this.offsetAt(startOfYear(first))]
    for (let year = first; year < last; year++) {
      const found = this.changesIn(year)
      found.times.forEach((time, i) => {
        times.push(time)
        offsets.push(at(found.offsets, i + 1))
      })
    }
    return { times, offsets }
  }

  #findIn(year: number): OffsetChanges {
    const start = startOfYear(year)
    const end = startOfYear(year + 1)
    const known = this.#years.get(year - 1)?.times ?? []
    // a change at the very start belongs to this year
    const times: number[] = []
    const offsets = [this.#offset(start - SECOND)]
    const step = Math.ceil((end - start) / stepsIn(year) / SECOND) * SECOND
    for (let from = start - SECOND; from < end - SECOND; from += step) {
      const to = Math.min(from + step, end - SECOND)
      const offset = this.#offset(to)
      if (offset === offsets.at(-1)) continue
      times.push(this.#changeBetween(from, to, known))
      offsets.push(offset)
    }
    return { times, offsets }
  }

  #changeBetween(from: number, to: number, known: readonly number[]): number {
    const before = this.#offset(from)
    // most rules name a day of the week, so the change is 52 or 53 weeks after that of the year before
    for (const time of known.flatMap((last) => [last + 364 * DAY, last + 371 * DAY]))
      if (time > from && time <= to && this.#offset(time - SECOND) === before && this.#offset(time) !== before)
        return time
    let low = from
    let high = to
    while (high - low > SECOND) {
      const middle = low + Math.floor((high - low) / 2 / SECOND) * SECOND
      if (this.#offset(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  #offset(time: number): number {
    const [, month, day, year, hour, minute, second] = SHOWN.exec(this.#format.format(time))?.map(Number) ?? []
    const local = new Date(0)
    local.setUTCFullYear(year as number, (month as number) - 1, day)
    local.setUTCHours(hour as number, minute, second)
    return local.getTime() - time
  }
}

const SHOWN = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/

const modulo = (value: number, by: number): number => ((value % by) + by) % by

function startOfYear(year: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, 0, 1)
  return date.getTime()
}

function startOf(local: number, unit: ZoneUnit): number {
  const day = local - modulo(local, DAY)
  const date = new Date(day)
  // 1970 began on a Thursday
  if (unit === 'week') return day - modulo(day / DAY + 3, 7) * DAY
  if (unit === 'day') return day
  const month = date.getUTCMonth()
  date.setUTCMonth(unit === 'month' ? month : unit === 'quarter' ? month - (month % 3) : 0, 1)
  return date.getTime()
}

const zones = new Map<string, TimeZone | null>()

/** The zone of this name, or null if there is none. */
export function timeZone(name: string): TimeZone | null {
  if (!NAME.test(name)) return null
  return memo(zones, name, () => {
    try {
      return new TimeZone(name)
    } catch {
      return null
    }
  })
}
