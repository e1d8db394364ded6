import type { QueryResult } from '../../driver/driver.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { InsertPlan } from './insert-plan.js'
import type { CanonicalRow } from './prepare.js'

// What a database answers to inserts, and the keys that the rows have then.

/** What it answered for rows of one plan, by their places in the list. */
export interface Answer {
  readonly plan: InsertPlan
  readonly places: readonly number[]
  readonly result: QueryResult
}

const nextId = (first: number | bigint, by: number) => (typeof first === 'bigint' ? first + BigInt(by) : first + by)

export const toId = (field: ModelField, id: number | bigint) =>
  field.dataType.name === 'bigInteger' ? BigInt(id) : Number(id)

/** The numbers of inserted rows: each row's own, or counted up from the first. */
export function answeredIds(field: ModelField, result: QueryResult, count: number, step: number): unknown[] {
  const ids = result.insertIds ?? Array.from({ length: count }, (_, i) => nextId(result.insertId as number, i * step))
  return ids.map((id) => toId(field, id))
}

/** The keys of inserted rows, by their places: canonical values. */
export function answeredKeys(
  meta: ModelMetadata,
  rows: readonly CanonicalRow[],
  answers: readonly Answer[],
  step: number,
): Map<number, readonly unknown[]> {
  const keys = new Map<number, readonly unknown[]>()
  for (const { plan, places, result } of answers) {
    const ids = plan.numbered === null ? [] : answeredIds(plan.numbered, result, places.length, step)
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

/** The key of a row with these values. */
export function keyFrom(meta: ModelMetadata, partOf: (field: ModelField) => unknown): readonly unknown[] {
  const key = meta.primaryKey.map(partOf)
  if (key.length === 0 || key.some((value) => value === undefined || value === null))
    throw new UsageError(
      `Rows of "${meta.name}" can't be written: whether they are in its locked global scopes has to be asked by their keys, which are not known. Give them their keys.`,
    )
  return key
}
