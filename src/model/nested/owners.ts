import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { isStateful } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, variantFor, variantsOf } from '../../metadata/relation/resolve.js'
import { variantOf } from '../../relation/variant.js'
import { at } from '../../util/list.js'
import { currentValue, setRelated } from '../related/lazy.js'
import { pointing } from '../related/owner.js'
import type { Pair } from '../related/pairs.js'
import { deleteBy, notOf, wereDeleted } from './delete.js'
import { assignKeys, type RelationPart, type Removal, type RowDraft } from './tree.js'

// belongsTo and morphTo: the row that is written holds the key.

/** Assigns the key of the relation to the instance. Returns what to do after its row is written. */
export function point(draft: RowDraft, part: RelationPart, using: Using): (() => Promise<void>)[] {
  const { instance, isNew } = draft
  const { relation, set, connect, create } = part
  const later: (() => Promise<void>)[] = []
  const current = isNew || !removes(part) ? null : currentOf(instance, relation)
  const isDeleted = part.delete === true || part.delete.length > 0
  if (isDeleted) later.push(deletion(instance, part, current, using))
  const [target] = [...create.map(({ draft }) => draft.instance), ...[...(set ?? []), ...connect].map(targetOf)]
  if (target !== undefined) later.push(connected(draft, relation, target))
  else if (set !== null || isDeleted || (current !== null && isMeant(relation, part.disconnect, current)))
    later.push(disconnected(draft, relation))
  return later
}

interface Current {
  readonly variant: RelationMetadata
  readonly key: readonly unknown[]
}

const removes = (part: RelationPart) => [part.disconnect, part.delete].some((each) => each === true || each.length > 0)

/** The row that the key refers to now; null: none. */
function currentOf(instance: object, relation: RelationMetadata): Current | null {
  const variant = relation.variants === null ? relation : variantOf(instance, relation, relation.variants)
  const key = Key.of(relation.sourceKeys)
    .valuesIn(instance)
    .map((value) => value ?? null)
  return variant === null || key.includes(null) ? null : { variant, key }
}

/** Whether the row to remove is the current one. */
function isMeant(relation: RelationMetadata, removal: Removal, { variant, key }: Current): boolean {
  if (removal === true) return true
  const target = new Key(variant.targetKeys, variant.sourceKeys)
  const held = new Key(variant.sourceKeys, variant.targetKeys).identityOf(key)
  return removal.some(
    (pair) =>
      target.identityOf(pair.key) === held &&
      (pair.instance === null || variantFor(relation, pair.instance) === variant),
  )
}

function deletion(
  instance: object,
  { relation, delete: removal }: RelationPart,
  current: Current | null,
  using: Using,
): () => Promise<void> {
  const [first] = variantsOf(relation)
  const { target, targetKeys } = (current?.variant ?? first) as RelationMetadata
  if (current === null || !isMeant(relation, removal, current)) throw notOf(relation, target)
  const loaded = currentValue(instance, relation)
  return async () => {
    if ((await deleteBy(target, targetKeys, [current.key], using)) === 0) throw notOf(relation, target)
    const given = removal === true ? [] : removal.map((pair) => pair.instance)
    await wereDeleted([isStateful(loaded) ? loaded : null, ...given])
  }
}

const targetOf = ({ instance, key }: Pair): object => instance ?? key

function connected(draft: RowDraft, relation: RelationMetadata, target: object): () => Promise<void> {
  const { sourceKeys } = relation
  if (Array.isArray(target)) {
    assignKeys(draft, Object.fromEntries(sourceKeys.map((field, i) => [field.name, at(target, i)])), relation)
    return async () => {}
  }
  assignKeys(draft, pointing(relation, target).values, relation)
  return async () => setRelated(draft.instance, relation, target)
}

function disconnected(draft: RowDraft, relation: RelationMetadata): () => Promise<void> {
  const { instance, isNew } = draft
  const { sourceKeys, variants, source, name } = relation
  const fields: readonly ModelField[] = variants === null ? sourceKeys : [...sourceKeys, variants.typeField]
  const fixed = fields.find((field) => !field.nullable)
  if (fixed !== undefined && !isNew)
    throw new UsageError(
      `"${source.name}.${name}" can't be disconnected: "${fixed.name}" is not nullable. Give it another row, or delete this one.`,
    )
  assignKeys(draft, Object.fromEntries(fields.map((field) => [field.name, null])), relation)
  return async () => setRelated(instance, relation, null)
}
