import { formatDateTime, secondOf } from '../../util/date-text.js'
import { type TimeZone, timeZone, type ZoneUnit } from '../../util/time-zone.js'

// Date-times in named time zones, which SQLite does not know. Texts are in corm's form, `YYYY-MM-DD HH:MM:SS.fff`.

/** Changes the seconds of a text and keeps its fraction. */
function changed(text: string | null, name: string, change: (time: number, zone: TimeZone) => number): string | null {
  const zone = timeZone(name)
  if (text === null || zone === null) return null
  const time = secondOf(text)
  if (Number.isNaN(time)) return null
  return formatDateTime(new Date(change(time, zone))).slice(0, 19) + text.slice(19)
}

export const zoneFunctions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  corm_local: (text: string | null, name: string) => changed(text, name, (time, zone) => time + zone.offsetAt(time)),
  corm_truncate: (unit: ZoneUnit, text: string | null, name: string) =>
    changed(text?.replace(/[1-9](?=\d*$)/g, '0') ?? null, name, (time, zone) => zone.truncate(time, unit)),
}
