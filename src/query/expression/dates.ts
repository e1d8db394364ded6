import { CALL } from '../../ast/bases.js'
import { ownForm, type ValueType } from '../../ast/data-type.js'
import type { CallNode, DatePart, ExpressionNode, ParameterNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { DateUnit } from '../../types/expression.js'
import { isWhole } from '../../util/number.js'
import { isPlainObject } from '../../util/own.js'
import { timeZone } from '../../util/time-zone.js'
import { zoneOptions } from '../options.js'
import { valueTypeOf } from './value-type.js'

const OF_DAY: readonly DatePart[] = ['hour', 'minute', 'second']
const UNITS: readonly DateUnit[] = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second']

const isUnit = (unit: unknown): unit is DateUnit => UNITS.some((each) => each === unit)

type DateKind = 'date' | 'time' | 'dateTime'

/** The type of a date expression. It must be known, because the functions differ between dates and points in time. */
function kindOf(node: ExpressionNode, method: string, allowed: readonly DateKind[]): ValueType {
  const type = valueTypeOf(node)
  const name = type?.dataType.name as DateKind | undefined
  if (type !== null && name !== undefined && allowed.includes(name)) return ownForm(type)
  const given = name === undefined ? 'a value of no known type' : `a value of type ${name}`
  throw new UsageError(`${method} needs a ${allowed.join(' or ')}, but this is ${given}.`)
}

export function datePart(node: ExpressionNode, unit: DatePart, options?: unknown): CallNode {
  const zone = zoneOf(node, `${unit}()`, options)
  kindOf(node, `${unit}()`, OF_DAY.includes(unit) ? ['time', 'dateTime'] : ['date', 'dateTime'])
  return { ...CALL, name: 'datePart', args: [node], distinct: false, type: plainTypes.integer, unit, zone }
}

/** The option `timeZone`. Only a point in time has different parts in another zone. */
function zoneOf(node: ExpressionNode, method: string, options: unknown): string | undefined {
  const { timeZone: name } = zoneOptions(options, method)
  if (name === undefined) return undefined
  if (timeZone(name) === null)
    throw new UsageError(
      `The option "timeZone" of ${method} is ${JSON.stringify(name.slice(0, 60))}, which is not a time zone. Use a name of the IANA database, like "Europe/Paris", or "UTC".`,
    )
  kindOf(node, `${method} with a time zone`, ['dateTime'])
  return name === 'UTC' || name === 'GMT' ? undefined : name
}

export function dateTruncate(node: ExpressionNode, unit: unknown, options?: unknown): CallNode {
  const zone = zoneOf(node, 'truncate()', options)
  const type = kindOf(node, 'truncate()', ['date', 'dateTime'])
  if (!isUnit(unit)) throw new UsageError(`truncate() takes one of ${UNITS.join(', ')}.`)
  if (type.dataType.name === 'date' && OF_DAY.some((part) => part === unit))
    throw new UsageError(`truncate('${unit}') needs a dateTime, but this is a date.`)
  return { ...CALL, name: 'dateTruncate', args: [node], distinct: false, type, unit, zone }
}

const MONTHS = { years: 12, months: 1 }
const DAYS = { weeks: 7, days: 1 }
const MILLISECONDS = { hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 }
const NAMES = [...Object.keys(MONTHS), ...Object.keys(DAYS), ...Object.keys(MILLISECONDS)]

/**
 * Adds months first and stops at the last day of a shorter month. Then adds days and the rest, which have a fixed length in
 * UTC.
 */
export function dateAdd(node: ExpressionNode, amounts: unknown, sign: 1 | -1): CallNode {
  const method = sign === 1 ? 'add()' : 'subtract()'
  const type = kindOf(node, method, ['date', 'dateTime'])
  if (!isPlainObject(amounts) || Object.keys(amounts).length === 0)
    throw new UsageError(`${method} takes amounts: { days: 1, hours: 2 }.`)
  const total = (units: Readonly<Record<string, number>>) =>
    Object.entries(units).reduce((sum, [name, size]) => sum + sign * size * amountOf(amounts, name, method), 0)
  const unknown = Object.keys(amounts).find((name) => !NAMES.includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `${method} has no option ${JSON.stringify(unknown.slice(0, 40))}. It takes ${NAMES.join(', ')}.`,
    )
  const [months, days, milliseconds] = [total(MONTHS), total(DAYS), total(MILLISECONDS)]
  if (type.dataType.name === 'date' && Object.keys(MILLISECONDS).some((name) => Object.hasOwn(amounts, name)))
    throw new UsageError(`${method} of a date takes days, weeks, months and years.`)
  const rest = type.dataType.name === 'date' ? days : days * 86_400_000 + milliseconds
  return { ...CALL, name: 'dateAdd', args: [node, whole(months), whole(rest)], distinct: false, type }
}

function amountOf(amounts: Readonly<Record<string, unknown>>, name: string, method: string): number {
  const value = Object.hasOwn(amounts, name) ? amounts[name] : 0
  if (isWhole(value) && Math.abs(value) <= 8.64e15) return value
  throw new UsageError(`${method} takes whole numbers, and "${name}" is not one.`)
}

const whole = (value: number): ParameterNode => ({ kind: 'parameter', type: plainTypes.integer, value })

export function secondsBetween(later: ExpressionNode, earlier: ExpressionNode): CallNode {
  kindOf(later, 'secondsSince()', ['dateTime'])
  kindOf(earlier, 'secondsSince(other): the other', ['dateTime'])
  return { ...CALL, name: 'secondsBetween', args: [later, earlier], distinct: false, type: plainTypes.float }
}

export function daysBetween(later: ExpressionNode, earlier: ExpressionNode): CallNode {
  kindOf(later, 'daysSince()', ['date'])
  kindOf(earlier, 'daysSince(other): the other', ['date'])
  return { ...CALL, name: 'daysBetween', args: [later, earlier], distinct: false, type: plainTypes.integer }
}
