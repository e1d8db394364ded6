import type { GuardedOption } from './call-options.js'
import type { AllChanges, SafeChanges } from './data.js'
import type { Expression, Sql } from './expression.js'
import type { AnyField, AnyFields, Attributes, Cols, ColumnsOf, Complete, HasKey, OUT, WrittenFields } from './field.js'
import type { ModelSchemas, Typed } from './instance.js'
import type { Handle, ModelBase, ModelInstance, QueryBuilder } from './query.js'
import type { InstOf } from './relation-path.js'
import type { ModelStatics } from './statics.js'
import type { QueryLike } from './table.js'

/** The type of `Author.extend`. */
export type StaticExtend<in out F extends AnyFields> = <C, const F2 extends AnyFields>(
  this: C,
  fields: F2 & FieldCheck<F2>,
  options?: ModelOptions<NoInfer<Merged<F, F2>>>,
) => Omit<C, OfFields | 'prototype'> & BaseClass<Merged<F, F2>, Kept<C, F, F2>>

/** The static members of a model class that depend on its fields. */
export interface Statics<F extends AnyFields> extends ModelStatics {
  /** The fields by name. */
  readonly fields: F
  /** The columns as expressions: `Author.columns.name.lower()`. */
  readonly columns: ColumnsOf<F>
  /** Schemas of the model's data, for input from outside. */
  readonly schema: ModelSchemas<F>
  /** Whether a text is the name of a field; narrows its type. */
  hasField(name: string): name is keyof F & string

  /**
   * A base class with more fields, which keeps the fields, relations, methods and statics of this one.
   *
   *     class Admin extends User.extend({ level: Field.integer() }, { table: 'admins' }) {}
   */
  extend: StaticExtend<F>
}

// the statics that differ with the fields
type OfFields = 'fields' | 'columns' | 'schema' | 'hasField' | 'extend'
type Flatten<T> = { readonly [K in keyof T]: T[K] }
type Merged<F extends AnyFields, F2 extends AnyFields> = Flatten<Omit<F, keyof F2 | DefaultId<F, F2>> & F2>
type DefaultId<F extends AnyFields, F2 extends AnyFields> = HasKey<F2> extends true ? 'id' & keyof F : never
// the base's own members; where a field is redefined with another type its old type must go, and with it what distinguishes methods from
// properties: then methods of the base can't be overridden
type Kept<C, F extends AnyFields, F2 extends AnyFields> = [Clashing<F, F2>] extends [never]
  ? InstOf<C>
  : Omit<InstOf<C>, keyof ModelBase | keyof Typed<F> | keyof F>
type Clashing<F extends AnyFields, F2 extends AnyFields> = {
  [K in keyof F & keyof F2]: F2[K][typeof OUT] extends F[K][typeof OUT] ? never : K
}[keyof F & keyof F2]

/** The base class that `Model` makes. */
// an interface, so that emitted declarations name it once instead of spelling it out four times
export interface BaseClass<F extends AnyFields, Base = unknown> extends Statics<F> {
  new (data?: SafeChanges<F>): ModelBase & Typed<F> & Attributes<F> & Base
  new (data: AllChanges<F>, options: GuardedOption): ModelBase & Typed<F> & Attributes<F> & Base
}

type Draft<F extends WrittenFields> = { readonly fields: Complete<F> }
type OwnField<F extends WrittenFields> = keyof Complete<F> & string
type IndexWhere<F extends WrittenFields> = Sql | ((c: Cols<Draft<F>>) => Expression<boolean>)
/** An index with more than its fields. */
export interface IndexOptions<F extends WrittenFields> {
  fields: readonly OwnField<F>[]
  unique?: boolean
  /** Makes it a partial index, where the database has them. */
  where?: IndexWhere<F>
  /** The index method, as the database names it. */
  method?: string
  name?: string
}

type GlobalScope<F extends WrittenFields> = (query: QueryBuilder<Draft<F>>) => QueryLike

interface LockableScope<F extends WrittenFields> {
  apply: GlobalScope<F>
  locked?: boolean
  /** A function has an `apply` as well, and is none of these. */
  call?: never
}

/** The second argument of `Model`. */
export interface ModelOptions<in out F extends WrittenFields> {
  /** The table's name. Default: the class's name, in the plural and in the model's naming. */
  table?: string
  /** With a colon: a URL; else the name of a connected database, or of an environment variable. */
  database?: string
  /** Has no table of its own: a base for other models. */
  abstract?: boolean
  /**
   * Conditions on every query of the model, by name: where it is read, counted, related to, updated and deleted. Each is
   * called when a query is run. Lifted by `withoutGlobalScope(name)`; those of soft deletes are called `softDelete`.
   *
   *     globalScopes: { active: (query) => query.where('active', true) }
   *
   * `{ apply, locked: true }` is lifted by its name only, and no insert or update may leave a row outside of it: that is a
   * `PermissionError`.
   */
  globalScopes?: Readonly<Record<string, GlobalScope<F> | LockableScope<F>>>
  indexes?: readonly (OwnField<F> | readonly OwnField<F>[] | IndexOptions<F>)[]
  uniques?: readonly (OwnField<F> | readonly OwnField<F>[])[]
  /** CHECK constraints by name. */
  checks?: Readonly<Record<string, Sql | ((c: Cols<Draft<F>>) => Expression<boolean>)>>
  /** The table's comment. */
  comment?: string
  /** The order of queries that have none. */
  orderBy?: OwnField<F> | `-${OwnField<F>}` | readonly (OwnField<F> | `-${OwnField<F>}`)[]
  /** What polymorphic relations store for this model. Default: the class's name. */
  morphName?: string
  /** How field names become column names. Default `snake_case`. */
  naming?: 'snake_case' | 'camelCase' | ((name: string) => string)
}

/** Names a field may not have. */
export type Reserved =
  | keyof ModelBase
  | keyof Typed<AnyFields>
  | keyof Handle
  | 'then'
  | 'constructor'
  | 'toString'
  | 'valueOf'
  | 'hasOwnProperty'
  | '__proto__'
type Clash<K extends PropertyKey> = [K] extends [never]
  ? unknown
  : { readonly [P in K]: 'is a member of Model: name the field otherwise and set { column }' }
type NotFields<F> = F[keyof F] extends AnyField
  ? unknown
  : { readonly [K in keyof F]: F[K] extends AnyField ? unknown : AnyField }
/** Reports a clash of names, and what is no field, at the field itself. */
export type FieldCheck<F extends WrittenFields> = Clash<keyof F & Reserved> & NotFields<F>

/** The type of `Model`. */
export interface ModelFactory {
  /**
   * A base class for a model with these fields; an `id` is added when no field is a primary key.
   *
   *     class Author extends Model({ name: Field.string({ max: 120 }) }) {
   *       static books = Relation.hasMany(() => Book)
   *     }
   *
   * Throws `DefinitionError` for a model that cannot be right, at definition or first use.
   */
  <const F extends WrittenFields>(fields: F & FieldCheck<F>, options?: ModelOptions<NoInfer<F>>): BaseClass<Complete<F>>
  /** `x instanceof Model`: whether `x` is an instance of a model. */
  [Symbol.hasInstance](value: unknown): value is ModelInstance
}
