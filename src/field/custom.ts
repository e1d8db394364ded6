import { isDeepStrictEqual } from 'node:util'
import type { DataType } from '../ast/data-type.js'
import { messageOf } from '../util/error-shape.js'
import type { FieldKind } from './kind.js'

export interface CustomDefinition {
  /** The built-in type that it is stored as. */
  readonly type: string
  encode(value: unknown): unknown
  decode(raw: unknown): unknown
  /** A column type, used unchanged. */
  readonly sql?: string
}

/** A custom type based on one of the built-in kinds. */
export function customKind(base: FieldKind, definition: CustomDefinition): FieldKind {
  const dataType: DataType = definition.sql === undefined ? base.dataType : { ...base.dataType, sql: definition.sql }
  const check: FieldKind['check'] = (value, refuse) => {
    let raw: unknown
    try {
      raw = definition.encode(value)
    } catch (error) {
      return refuse('custom', `can't be encoded: ${messageOf(error) || String(error)}`)
    }
    return base.check(raw, refuse)
  }
  const load = (canonical: unknown) => definition.decode(base.load === null ? canonical : base.load(canonical))
  return {
    dataType,
    check,
    load,
    snapshot: 'canonical',
    same(value, canonical) {
      try {
        const now = check(value, fail)
        // another program may have written a form that `encode` would not produce
        return isDeepStrictEqual(now, canonical) || isDeepStrictEqual(now, check(load(canonical), fail))
      } catch {
        return false
      }
    },
  }
}

const fail = (_: string, message: string): never => {
  throw new RangeError(message)
}
