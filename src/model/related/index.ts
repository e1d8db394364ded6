import { UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import { limitArguments, limitLater } from '../../util/arguments.js'
import { linkWrites, ownerWrites, rowWrites } from '../runtime/argument-counts.js'
import { relatedQuery } from '../runtime/related-query.js'
import { runtimeOf } from '../runtime/runtime.js'
import { LinkedRows } from './linked.js'
import { Manager } from './manager.js'
import { RelatedOwner } from './owner.js'
import { RelatedRows } from './rows.js'

limitArguments(Manager.prototype, { withoutGlobalScope: 1, withoutGlobalScopes: 0, withTrashed: 0, onlyTrashed: 0 })
limitLater(RelatedOwner.prototype, ownerWrites)
limitLater(RelatedRows.prototype, rowWrites)
limitLater(LinkedRows.prototype, linkWrites)

/** The rows at the end of two relations: they can be asked for, and are made and removed on their own. */
class ThroughRows extends Manager {
  protected setLoaded(): void {
    // nothing is written through it
  }
}

export function relatedManager(owner: object, name: string): Manager {
  const origin = originOf(owner)
  const { meta } = runtimeOf(origin?.meta.model ?? owner.constructor)
  const relation = relationOf(meta, name)
  if (!relation.ownsKey && origin === null)
    throw new UsageError(`related('${name}') needs a saved "${meta.name}": its key is not known yet. Save it first.`)
  const query = relatedQuery(owner, relation)
  if (relation.ownsKey) return new RelatedOwner(owner, relation, query)
  if (relation.through === null) return new RelatedRows(owner, relation, query)
  return relation.through.isPivot ? new LinkedRows(owner, relation, query) : new ThroughRows(owner, relation, query)
}
