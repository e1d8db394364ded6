import type { LoadedEntity } from './query.js'
import type { RelationName, Target } from './relation-path.js'

/** A path of relations: two steps are checked by their names, and what follows where it is used. */
export type RelationPath<C> = '' | RelationName<C> | PathFrom<C, RelationName<C>>
type PathFrom<C, K extends string> = K extends unknown
  ? `${K}.${RelationName<Target<C, K>>}` | `${K}.${RelationName<Target<C, K>>}.${string}`
  : never

/**
 * An instance of `C` with at least the relations `P` loaded.
 *
 *     function list(author: Entity<typeof Author, 'books' | 'books.tags'>) { … }
 *
 * A relation that is not named can be awaited in either state, so more loaded fits where less is asked.
 */
export type Entity<C, P extends RelationPath<C> = '', L = {}> = LoadedEntity<C, P, L>
