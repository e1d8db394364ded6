import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import type { ModelMetadata } from '../../../metadata/metadata.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { keyFrom } from '../guards.js'
import type { CanonicalRow } from '../prepare.js'
import type { InsertPlan } from './insert-plan.js'

// What a database returns for inserts, and the keys of the inserted rows.

/** The result for rows of one plan, with their indexes in the list. */
export interface InsertResult {
  readonly plan: InsertPlan
  readonly places: readonly number[]
  readonly result: QueryResult
}

const nextId = (first: number | bigint, by: number) => (typeof first === 'bigint' ? first + BigInt(by) : first + by)

export const toId = (field: ModelField, id: number | bigint) =>
  field.dataType.name === 'bigInteger' ? BigInt(id) : Number(id)

/** The ids of inserted rows: one for each from the driver, or counted up from the first. */
export function insertedIds(field: ModelField, result: QueryResult, count: number, step: number): unknown[] {
  const ids = result.insertIds ?? Array.from({ length: count }, (_, i) => nextId(result.insertId as number, i * step))
  return ids.map((id) => toId(field, id))
}

/** The keys of the rows at these indexes after the insert, as canonical values. */
export function insertedKeys(
  meta: ModelMetadata,
  rows: readonly CanonicalRow[],
  results: readonly InsertResult[],
  { capabilities }: Dialect,
): (places: readonly number[]) => readonly (readonly unknown[])[] {
  return (places) => {
    const keys = keysByPlace(meta, rows, results, capabilities.insertIdStep ?? 1)
    return places.map((place) => keys.get(place) ?? [])
  }
}

function keysByPlace(
  meta: ModelMetadata,
  rows: readonly CanonicalRow[],
  results: readonly InsertResult[],
  step: number,
): Map<number, readonly unknown[]> {
  const keys = new Map<number, readonly unknown[]>()
  for (const { plan, places, result } of results) {
    const ids = plan.numbered === null ? [] : insertedIds(plan.numbered, result, places.length, step)
    const given = result.rows.map((row) => (plan.returning.length > 0 ? plan.decode([...row]) : []))
    for (const [i, place] of places.entries()) {
      const partOf = (field: ModelField) => {
        const own = rows[place]?.[field.index]
        if (own !== undefined) return own
        return field === plan.numbered ? ids[i] : given[i]?.[plan.returning.indexOf(field)]
      }
      keys.set(place, keyFrom(meta, partOf))
    }
  }
  return keys
}
