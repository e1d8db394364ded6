import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import type { QueryState } from '../runner/runner.js'
import type { PartOf, Token } from '../shape.js'
import { groupColumns } from '../statement/group-rows.js'
import { gather } from '../statement/parts.js'
import { isGrouped } from './pageable.js'

interface Groupable<Q extends QueryState> extends QueryState {
  readonly self: Q
  step(token: Token, part: PartOf<'groups'>): Q
}

/** What runs if no method says what is read: groups are no instances, and are read as `values()` reads them. */
export const shownGroups = <Q extends QueryState>(query: Groupable<Q>): Q =>
  isGrouped(query) ? query.step('groups', { kind: 'groups' }) : query.self

/** The groups, with what they are grouped by and what is named of them. */
export function groupsOf<Q extends QueryState>(query: Groupable<Q>): MaybePromise<object[]> {
  const { keys } = groupColumns(query.source.meta, gather(query.source.meta, query.shape))
  return andThen(query.source.runner.rows(shownGroups(query)), (rows) => rows.map((row) => groupObject(keys, row)))
}

export function groupObject(names: readonly string[], row: readonly unknown[]): object {
  const object: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) object[at(names, i)] = row[i]
  return object
}
