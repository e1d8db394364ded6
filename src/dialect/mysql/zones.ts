import { RAW } from '../../ast/bases.js'
import type { ExpressionNode } from '../../ast/expression.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import { type OffsetChanges, timeZone } from '../../util/time-zone.js'

// Offsets of time zones as SQL. CONVERT_TZ returns NULL on a server whose time zone tables are empty, which is the default, and on
// MariaDB it leaves times after 2038 unchanged. So corm writes the changes of the zone into the statement: INTERVAL() finds the last
// one before a time by binary search, and ELT() the offset that it brought.

/** The years whose changes are written; after them the last offset stays. */
const FIRST_YEAR = 1840
const LAST_YEAR = 2200

/** `to_seconds('1970-01-01')` */
const SINCE_YEAR_0 = 62_167_219_200

const raw = (texts: readonly string[], nodes: readonly ExpressionNode[]): ExpressionNode => ({
  ...RAW,
  texts,
  nodes,
  dynamic: false,
  ours: true,
})

const known = new Map<string, OffsetChanges>()

const changesOf = (name: string): OffsetChanges =>
  memo(known, name, () => timeZone(name)?.changesBetween(FIRST_YEAR, LAST_YEAR) ?? { times: [], offsets: [0] })

const seconds = (milliseconds: number) => milliseconds / 1000

function lookUp(operand: ExpressionNode, times: readonly number[], offsets: readonly number[]): ExpressionNode {
  if (times.length === 0) return raw([String(seconds(at(offsets, 0)))], [])
  const starts = times.map((time) => SINCE_YEAR_0 + seconds(time))
  return raw(
    ['elt(1 + interval(to_seconds(', `), ${starts.join(', ')}), ${offsets.map(seconds).join(', ')})`],
    [operand],
  )
}

/** How many seconds clocks in the zone are ahead of UTC, at a time in UTC. */
export function offsetAt(operand: ExpressionNode, name: string): ExpressionNode {
  const { times, offsets } = changesOf(name)
  return lookUp(operand, times, offsets)
}

/** The same at a local time. The offset before a change holds until no clock shows it: that is the earlier of two times. */
export function offsetAtLocal(operand: ExpressionNode, name: string): ExpressionNode {
  const { times, offsets } = changesOf(name)
  const local = times.map((time, i) => time + Math.max(at(offsets, i), at(offsets, i + 1)))
  return lookUp(operand, local, offsets)
}

export const later = (operand: ExpressionNode, by: ExpressionNode): ExpressionNode =>
  raw(['(', ' + interval ', ' second)'], [operand, by])

export const earlier = (operand: ExpressionNode, by: ExpressionNode): ExpressionNode =>
  raw(['(', ' - interval ', ' second)'], [operand, by])

/** What clocks in the zone show at a time. */
export const localTime = (operand: ExpressionNode, name: string): ExpressionNode =>
  later(operand, offsetAt(operand, name))
