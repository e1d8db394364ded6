import { originOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { asRecord } from '../../util/record.js'
import { isSameKey } from '../write/initialize.js'
import type { Attributes } from '../write/values.js'

/** The values that connect a row of the relation to its owner. */
export function tieValues(owner: object, { sourceKeys, targetKeys, morph }: RelationMetadata): Attributes {
  const tie = targetKeys.map((field, i) => [field.name, asRecord(owner)[at(sourceKeys, i).name]])
  return { ...Object.fromEntries(tie), ...(morph && { [morph.field.name]: morph.value }) }
}

/** Whether these are the instance's values, as far as it has loaded them. */
export function holdsTie(instance: object, values: Attributes): boolean {
  const origin = originOf(instance)
  if (origin === null) return Object.keys(values).length === 0
  return Object.keys(values).every((name) => {
    const field = origin.meta.field(name)
    if ((origin.positions[field.index] ?? -1) < 0) return false
    return isSame(field, asRecord(instance)[name] ?? null, values[name] ?? null)
  })
}

/** What its field can't hold is nobody's key. */
function isSame(field: ModelField, a: unknown, b: unknown): boolean {
  try {
    return isSameKey(field, a, b)
  } catch {
    return false
  }
}
