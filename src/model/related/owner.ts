import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import { type RelationMetadata, variantFor } from '../../metadata/relation/resolve.js'
import { promised } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { callSave } from '../runtime/own-methods.js'
import { recordAssigned } from '../write/originals.js'
import type { Attributes } from '../write/values.js'
import { setRelated } from './lazy.js'
import { Manager } from './manager.js'
import { requireVisible } from './visible.js'

/** The row that a belongsTo or morphTo points at. */
export class RelatedOwner extends Manager {
  associate(target: unknown): Promise<void> {
    return promised(() => this.#point(target))
  }
  dissociate(): Promise<void> {
    return promised(() => this.#point(null))
  }

  protected setLoaded(): void {
    // setRelated() keeps the one row
  }

  async #point(target: unknown): Promise<void> {
    const { owner, relation } = this
    const { values, instance } = pointing(relation, target)
    if (target !== null) {
      const key = Key.of(relation.sourceKeys).valuesIn(values)
      await requireVisible(relation, [{ instance, key }], await this.ownerExecutor(), this.shape)
    }
    const fixed = Object.keys(values).find((name) => values[name] === null && !relation.source.field(name).nullable)
    if (fixed !== undefined) throw new UsageError(`${this.path} can't be dissociated: "${fixed}" is not nullable.`)
    const before = Object.fromEntries(Object.keys(values).map((name) => [name, asRecord(owner)[name]]))
    await this.remember((undo) => recordAssigned(undo, owner, values))
    Object.assign(owner, values)
    try {
      await callSave(owner, originOf(owner) === null ? {} : { only: Object.keys(values) })
    } catch (error) {
      Object.assign(owner, before)
      throw error
    }
    if (instance !== null || target === null) setRelated(owner, relation, instance)
  }
}

/** The values of the key fields that point at a row; all null: at none. */
export function pointing(relation: RelationMetadata, target: unknown): { values: Attributes; instance: object | null } {
  const { sourceKeys, variants } = relation
  const fields = variants === null ? sourceKeys : [...sourceKeys, variants.typeField]
  if (target === null) return { values: Object.fromEntries(fields.map((field) => [field.name, null])), instance: null }
  const variant = variantFor(relation, target)
  if (variant === undefined) return { values: keyValues(relation, target), instance: null }
  const values: Attributes =
    variant.sourceMorph === null ? {} : { [variant.sourceMorph.field.name]: variant.sourceMorph.value }
  const keys = Key.of(variant.targetKeys).valuesIn(target as object)
  sourceKeys.forEach((field, i) => {
    if (keys[i] === null || keys[i] === undefined) throw refusal(relation)
    values[field.name] = keys[i]
  })
  return { values, instance: target as object }
}

/** A key does not name its model, so it is only accepted if there is one model. */
function keyValues(relation: RelationMetadata, key: unknown): Attributes {
  const { sourceKeys, targetKeys, variants } = relation
  if (key === undefined || variants !== null) throw refusal(relation)
  const parts = Key.of(targetKeys).valuesOf(key)
  if (parts.some((value) => value === undefined || value === null)) throw refusal(relation)
  return Object.fromEntries(sourceKeys.map((field, i) => [field.name, parts[i]]))
}

function refusal(relation: RelationMetadata): UsageError {
  const { source, name, variants } = relation
  const names =
    variants === null
      ? `"${relation.target.name}" or its key`
      : [...variants.byName.values()].map((variant) => `"${variant.target.name}"`).join(' or ')
  return new UsageError(`associate() of "${source.name}.${name}" takes a saved ${names}.`)
}
