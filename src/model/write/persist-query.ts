import { UsageError } from '../../errors.js'
import { writing, writtenColumns } from '../../query/builder/changes.js'
import type { Query } from '../../query/builder/query-builder.js'
import type { QueryWrite } from '../../query/runner/runner.js'
import { refuseReadOnly } from '../../query/scopes/refused.js'
import { assemble } from '../../query/statement/assemble.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { withAfterLoad } from '../read/after-load.js'
import { preload } from '../read/fetch.js'
import { executorOf } from '../runtime/run.js'
import { cascadeBefore, cascadeRows, cascadesOf } from './cascade.js'
import { guardsQuery } from './guards.js'
import { recordReturned } from './originals.js'
import { hasRowHooks, persistLoaded, warnOfHooks } from './persist-loaded.js'
import { prepareAssignments } from './prepare-values.js'
import { sendByKeys, sendQuery, sendReturning } from './send/query.js'
import { wasRemoved } from './written.js'

// Writes to the rows of a query. They pass the guards. Hooks only run if the call asks for them (persist-loaded). A soft delete
// cascades to related rows, all with the same time.

/** Changes, deletes or marks the rows of a query. Returns their number. */
export function persistQuery(query: Query, write: QueryWrite, hooks?: boolean): MaybePromise<number> {
  refuseReadOnly(query.source.meta)
  const slow = write.kind === 'update' ? prepareAssignments(write.assignments) : undefined
  return slow === undefined ? changeRows(query, write, hooks) : slow.then(() => changeRows(query, write, hooks))
}

function changeRows(query: Query, write: QueryWrite, hooks?: boolean): MaybePromise<number> {
  const { meta } = query.source
  const direct = writing(query, write)
  const hooked = hooks !== false && hasRowHooks(query, write)
  const cascades = write.kind === 'mark' && cascadesOf(meta).length > 0
  const guarded = guardsQuery(query, write)
  // first refuses a query that would mean every row without saying so, or that has no rows of a table, whichever way the rows
  // are written
  if (hooked || cascades || guarded) assemble(meta, direct.shape)
  if (hooked) {
    if (hooks === true) return persistLoaded(query, write)
    warnOfHooks(query, write)
  }
  if (cascades) return cascadeRows(query, write.at)
  if (!guarded) return sendQuery(direct)
  return andThen(executorOf(query), (executor) =>
    andThen(sendByKeys(query, write, executor), (instances) => instances.length),
  )
}

/** Changes, deletes or marks the rows of a query, and returns them as instances. */
export function persistQueryReturning(query: Query, write: QueryWrite): MaybePromise<object[]> {
  refuseReadOnly(query.source.meta)
  const slow = write.kind === 'update' ? prepareAssignments(write.assignments) : undefined
  if (slow !== undefined) return slow.then(() => changeReturning(query, write))
  if (write.kind !== 'mark') return changeReturning(query, write)
  const mark = (rows: Query, at: Date | null) => changeReturning(rows.amongMarked(at), { kind: 'mark', at })
  const { at } = write
  if (at === null || cascadesOf(query.source.meta).length === 0) return mark(query, at)
  assemble(query.source.meta, writing(query.unlocked(), write, true).shape)
  return cascadeBefore(query, at, mark)
}

function changeReturning(query: Query, write: QueryWrite): MaybePromise<object[]> {
  if (write.kind === 'delete' && query.preloads.size > 0)
    throw new UsageError(
      "deleteReturning() returns deleted rows, so with() can't load relations for them. Remove with().",
    )
  // refuses queries that can't be updated or deleted, whether or not guards apply
  assemble(query.source.meta, writing(query.unlocked(), write, true).shape)
  return andThen(executorOf(query), (executor) => {
    const sent = guardsQuery(query, write) ? sendByKeys(query, write, executor) : sendReturning(query, write, executor)
    return andThen(sent, (instances) => {
      if (executor.undo !== null) recordReturned(executor.undo, instances, writtenColumns(query.source, write))
      if (write.kind === 'delete') for (const instance of instances) wasRemoved(instance, executor.undo)
      return query.preloads.size === 0 || instances.length === 0
        ? withAfterLoad(instances)
        : andThen(preload(instances, query.preloads, executor), () => withAfterLoad(instances))
    })
  })
}
