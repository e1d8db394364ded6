import { UsageError } from '../../errors.js'
import type { OpenTransaction, Using } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Shape } from '../../query/shape.js'
import { flag, optionReader } from '../../util/options.js'
import { executorFor, pastDeadlocks } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { PairTable } from './pairs.js'
import { readModelPairs } from './read-pairs.js'
import { requireKeys } from './visible.js'

// Links between many rows, without their instances.

/** Links pairs of rows, all or none; the number of new links. */
export function attachMany(
  relation: RelationMetadata,
  given: unknown,
  options: unknown,
  using: Using,
): Promise<number> {
  requireLinks(relation, 'attachMany()')
  const { guarded = false, withoutGlobalScopes = false } = attachOptions(options)
  const pairs = readModelPairs(relation, given, 'attachMany()', guarded)
  const [owners, targets] = liftsOf(relation, withoutGlobalScopes)
  return linked(relation.source, using, async (trx) => {
    await requireKeys({ meta: relation.source, fields: relation.sourceKeys }, pairs.map(nearOf), trx, owners)
    await requireKeys({ meta: relation.target, fields: relation.targetKeys }, pairs.map(farOf), trx, targets)
    return new PairTable(relation, trx, targets, owners).add(pairs)
  })
}

/** Removes links between pairs of rows, all or none; the number of those that were there. */
export function detachMany(
  relation: RelationMetadata,
  given: unknown,
  options: unknown,
  using: Using,
): Promise<number> {
  requireLinks(relation, 'detachMany()')
  const pairs = readModelPairs(relation, given, 'detachMany()', true)
  const { withoutGlobalScopes = false } = detachOptions(options)
  const [owners, targets] = liftsOf(relation, withoutGlobalScopes)
  return linked(relation.source, using, (trx) => new PairTable(relation, trx, targets, owners).remove(pairs))
}

async function linked(
  meta: ModelMetadata,
  using: Using,
  work: (trx: OpenTransaction) => Promise<number>,
): Promise<number> {
  const executor = await executorFor(meta, using)
  return pastDeadlocks(executor, () => executor.transaction(work))
}

const nearOf = ({ near }: { readonly near: readonly unknown[] }) => ({ key: near })
const farOf = ({ far }: { readonly far: readonly unknown[] }) => ({ key: far })

interface ScopesOption {
  withoutGlobalScopes: boolean
}
const attachOptions = optionReader<ScopesOption & { guarded: boolean }>('attachMany()', {
  withoutGlobalScopes: flag,
  guarded: flag,
})
const detachOptions = optionReader<ScopesOption>('detachMany()', { withoutGlobalScopes: flag })

/** The shapes that say which scopes of both sides do not hold. */
function liftsOf({ source, target }: RelationMetadata, withoutGlobalScopes: boolean): [owners: Shape, targets: Shape] {
  const shapeOf = ({ model }: ModelMetadata) => {
    const query = runtimeOf(model).query()
    return (withoutGlobalScopes ? query.withoutGlobalScopes() : query).shape
  }
  return [shapeOf(source), shapeOf(target)]
}

function requireLinks({ source, name, through }: RelationMetadata, what: string): void {
  if (through?.isPivot === true) return
  throw new UsageError(
    `${what} of "${source.name}" only works for relations with a join table, and "${name}" has none. Use related('${name}') instead.`,
  )
}
