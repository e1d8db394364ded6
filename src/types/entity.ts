import type { LoadedEntity } from './query.js'
import type { RelationName, Target } from './relation-path.js'

/** A path of relations. The type checks the first two names; the place that uses it checks the rest. */
export type RelationPath<C> = '' | RelationName<C> | PathFrom<C, RelationName<C>>
type PathFrom<C, K extends string> = K extends unknown
  ? `${K}.${RelationName<Target<C, K>>}` | `${K}.${RelationName<Target<C, K>>}.${string}`
  : never

/**
 * An instance of `C` with at least the relations `P` loaded.
 *
 *     function list(author: Entity<typeof Author, 'books' | 'books.tags'>) { … }
 *
 * You can await any other relation, loaded or not. So an instance with more loaded relations fits a type with fewer.
 */
export type Entity<C, P extends RelationPath<C> = '', L = {}> = LoadedEntity<C, P, L>
