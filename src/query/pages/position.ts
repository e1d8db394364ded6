import type { ValueType } from '../../ast/data-type.js'
import { isMoment } from '../../util/canonical.js'
import type { PageReader } from '../runner/runner.js'
import type { KeysetColumn } from './keyset.js'

/** A canonical value as JSON has it: exact for every type that rows are ordered by. */
export type Mark = string | number | boolean | null

/** The position of a row in an order. It is read at once, because the instance may be changed later. */
export function positionOf(columns: readonly KeysetColumn[], instance: object, reader: PageReader): Mark[] {
  const computed = reader.marks(instance)
  let place = 0
  return columns.map(({ field, type }) => {
    const stored = field === null ? computed[place++] : reader.stored(instance, field)
    return stored === null || stored === undefined ? null : toMark(type, stored)
  })
}

/** The values of a position, to be bound; null: it is not a position in this order. */
export function valuesAt(columns: readonly KeysetColumn[], marks: unknown): unknown[] | null {
  if (!Array.isArray(marks) || marks.length !== columns.length) return null
  try {
    return columns.map((column, i) => boundValue(column, marks[i]))
  } catch {
    return null
  }
}

function toMark(type: ValueType, canonical: unknown): Mark {
  if (typeof canonical === 'bigint') return String(canonical)
  if (canonical instanceof Date) return canonical.getTime()
  if (canonical instanceof Uint8Array) return Buffer.from(canonical).toString('base64url')
  if (typeof canonical === 'number') return Number.isFinite(canonical) ? canonical + 0 : String(canonical)
  if (typeof canonical === 'string' || typeof canonical === 'boolean') return canonical
  throw new TypeError(`A ${type.dataType.name} has no place in an order.`)
}

/** The value a mark stands for, which the field gives back as the same mark: nothing else is let through. */
function boundValue({ type, nullable }: KeysetColumn, mark: unknown): unknown {
  if (mark === null && nullable) return null
  const canonical = toCanonical(type, mark)
  const { load } = type
  for (const value of [canonical, load === null ? canonical : load(canonical)])
    if (isSame(type, value, mark)) return value
  throw new TypeError('not a value of the field')
}

function isSame(type: ValueType, value: unknown, mark: unknown): boolean {
  try {
    return toMark(type, type.check(value)) === mark
  } catch {
    return false
  }
}

const isText = (mark: unknown): mark is string => typeof mark === 'string'

const FLOATS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

function toCanonical({ dataType }: ValueType, mark: unknown): unknown {
  const { name, precision = 3 } = dataType
  const type = typeof mark
  switch (name) {
    case 'bigInteger':
      if (typeof mark === 'string') return BigInt(mark)
      break
    case 'smallInteger':
    case 'integer':
      if (type === 'number') return mark
      break
    case 'float':
    case 'number':
      if (type === 'number') return mark
      if (FLOATS.has(mark)) return Number(mark)
      break
    case 'boolean':
      if (type === 'boolean') return mark
      break
    case 'enum':
      if (type === 'string' || type === 'number') return mark
      break
    case 'dateTime':
      if (precision > 3 && isText(mark) && isMoment(mark, precision)) return mark
      if (precision <= 3 && typeof mark === 'number') return new Date(mark)
      break
    case 'binary':
      if (typeof mark === 'string') return new Uint8Array(Buffer.from(mark, 'base64url'))
      break
    default:
      if (type === 'string') return mark
  }
  throw new TypeError('not a value of the field')
}
