import type { GuardedOption } from './call-options.js'
import type { AllChanges, SafeChanges } from './data.js'
import type { Expression, Sql } from './expression.js'
import type {
  AnyField,
  AnyFields,
  Cols,
  ColumnsOf,
  Complete,
  Declared,
  FieldName,
  HasKey,
  NeedsCheck,
  OUT,
  WithLocales,
  WrittenFields,
} from './field.js'
import type { ForeignAction } from './field-options.js'
import type { ModelSchemas, Typed } from './instance.js'
import type { Handle, ModelBase, ModelInstance, QueryBuilder } from './query.js'
import type { InstOf } from './relation-path.js'
import type { ModelStatics } from './statics.js'
import type { QueryLike } from './table.js'

/** The type of `Author.extend`. */
export type StaticExtend<in out F extends AnyFields> = <C, const F2 extends AnyFields>(
  this: C,
  fields: F2 & FieldCheck<F2, Merged<F, F2>>,
  options?: ModelOptions<NoInfer<Merged<F, F2>>>,
) => Omit<C, OfFields | 'prototype'> & BaseClass<Merged<F, F2>, Kept<C, F, F2>>

/** The static members of a model class that depend on its fields. */
export interface Statics<F extends AnyFields> extends ModelStatics {
  /** The fields by name. */
  readonly fields: F
  /** The columns as expressions: `Author.columns.name.lower()`. */
  readonly columns: ColumnsOf<F>
  /** Schemas that validate data for the model, for example from a request. */
  readonly schema: ModelSchemas<F>
  /** Returns whether a field has this name, and narrows the type of `name`. */
  hasField(name: string): name is keyof F & string

  /**
   * Returns a base class with more fields. It inherits the fields, relations, methods and static members of this class.
   *
   *     class Admin extends User.extend({ level: Field.integer() }, { table: 'admins' }) {}
   */
  extend: StaticExtend<F>
}

// the statics that differ with the fields
type OfFields = 'fields' | 'columns' | 'schema' | 'hasField' | 'extend'
type Flatten<T> = { readonly [K in keyof T]: T[K] }
type Merged<F extends AnyFields, F2 extends AnyFields> = Flatten<Omit<F, keyof F2 | DefaultId<F, F2>> & WithLocales<F2>>
type DefaultId<F extends AnyFields, F2 extends AnyFields> = HasKey<F2> extends true ? 'id' & keyof F : never
// the base's own members; where a field is redefined with another type its old type must go, and with it what distinguishes methods from
// properties: then methods of the base can't be overridden
type Kept<C, F extends AnyFields, F2 extends AnyFields> = [Clashing<F, F2>] extends [never]
  ? InstOf<C>
  : Omit<InstOf<C>, keyof ModelBase | keyof Typed<F> | keyof F>
type Clashing<F extends AnyFields, F2 extends AnyFields> = {
  [K in keyof F & keyof F2]: F2[K][typeof OUT] extends F[K][typeof OUT] ? never : K
}[keyof F & keyof F2]

/** The base class that `Model` returns. */
// an interface, so that emitted declarations name it once instead of spelling it out four times
export interface BaseClass<F extends AnyFields, Base = unknown> extends Statics<F> {
  new (data?: SafeChanges<F>): ModelBase & Typed<F> & Declared<F> & Base
  new (data: AllChanges<F>, options: GuardedOption): ModelBase & Typed<F> & Declared<F> & Base
}

type DraftModel<F extends WrittenFields> = { readonly fields: Complete<F> }
type OwnField<F extends WrittenFields> = FieldName<DraftModel<F>>
/** The options of a full-text index. */
export interface FullTextOptions<F extends WrittenFields> {
  /**
   * The language of the texts, such as `'english'`. The forms of a word are then found together (`run`, `running`), and words
   * like `the` are left out. PostgreSQL has many languages, SQLite has English, MySQL and MariaDB have none. Default: words
   * are compared as they are. Over translated fields there is an index for each language: `{ en: 'english', fr: 'french' }`.
   */
  language?: string | { readonly [locale: string]: string }
  /** How much a word in each field counts for `rank`: `{ title: 10 }`. Default 1. MySQL and MariaDB ignore it. */
  weights?: { readonly [K in OwnField<F>]?: number }
}

type ModelCondition<F extends WrittenFields> = Sql | ((c: Cols<DraftModel<F>>) => Expression<boolean>)

/** A foreign key in the options of a model. */
export interface ForeignKeyOption<F extends WrittenFields> {
  /** The field that holds the key, or a list of fields. */
  fields: OwnField<F> | readonly OwnField<F>[]
  /** The model that the key points to. */
  references: () => unknown
  /** The field of that model, or a list of fields. Default: its primary key. */
  localKey?: string | readonly string[]
  /** What happens to this row when the row that it points to is deleted. Default `restrict`. */
  onDelete?: ForeignAction
  /** What happens to this row when the key that it points to changes. Default `restrict`. */
  onUpdate?: ForeignAction
  /** Checks the key when the transaction commits. Default false. */
  deferrable?: boolean
  /** The name of the constraint. Default: made of the table and the columns. */
  name?: string
}

/** An index with options. */
export interface IndexOptions<F extends WrittenFields> {
  /** The fields of the index, in this order. */
  fields: readonly OwnField<F>[]
  /** Makes it a unique index. Default false. */
  unique?: boolean
  /** Makes it a partial index over the rows that meet this condition, if the database supports it. */
  where?: ModelCondition<F>
  /** What the database indexes instead of the fields, used unchanged: `'lower(email)'`, `'created_at desc'`. */
  sql?: string
  /** Makes it a full-text index for `matches`. */
  fullText?: boolean | FullTextOptions<F>
  /** The index method, by the name that the database uses. */
  method?: string
  /** The name of the index. Default: made of the table and the columns. */
  name?: string
}

type GlobalScope<F extends WrittenFields> = (query: QueryBuilder<DraftModel<F>>) => QueryLike

interface LockableScope<F extends WrittenFields> {
  apply: GlobalScope<F>
  locked?: boolean
  /** A function has an `apply` as well, and is none of these. */
  call?: never
}

/** The options of a model: the second argument of `Model`. */
export interface ModelOptions<in out F extends WrittenFields> {
  /** The name of the table. Default: the plural of the class name, converted by `naming`. */
  table?: string
  /** The database: the name of a connected database, a URL, or the name of an environment variable with a URL. */
  database?: string
  /** Makes the class a base for other models, without a table. Default false. */
  abstract?: boolean
  /**
   * Conditions on every query of the model, by name. They apply to reads, counts, relations, updates and deletes. corm calls
   * each function when a query runs. `withoutGlobalScope(name)` turns one off. The scope of soft deletes is named `softDelete`.
   *
   *     globalScopes: { active: (query) => query.where('active', true) }
   *
   * A locked scope, `{ apply, locked: true }`, can only be turned off by its name. An insert or update that would put a row
   * outside it throws `PermissionError`.
   */
  globalScopes?: Readonly<Record<string, GlobalScope<F> | LockableScope<F>>>
  /** Indexes: a field, a list of fields, or an object with options. */
  indexes?: readonly (OwnField<F> | readonly OwnField<F>[] | IndexOptions<F>)[]
  /** Unique constraints: a field, or a list of fields that are unique together. */
  uniques?: readonly (OwnField<F> | readonly OwnField<F>[])[]
  /** CHECK constraints, by name. The database calls them `<table>_<name>_check`; with `{ check, name }` you choose what. */
  checks?: Readonly<Record<string, ModelCondition<F> | { readonly check: ModelCondition<F>; readonly name?: string }>>
  /** Foreign keys of several fields, or to another key than the primary one. A relation over them names its `foreignKey`. */
  foreignKeys?: readonly ForeignKeyOption<F>[]
  /**
   * What holds for the table as a whole, in the words of the database: `['without rowid']` on SQLite, `['engine Aria']` on MariaDB.
   * Other databases skip it. Default: what corm chooses.
   */
  tableOptions?: readonly string[]
  /** The comment of the table in the database. */
  comment?: string
  /** The former name of the table: a migration then renames it. */
  renamedFrom?: string
  /** The default order of queries: `'name'`, `'-createdAt'` for descending, or a list. */
  orderBy?: OwnField<F> | `-${OwnField<F>}` | readonly (OwnField<F> | `-${OwnField<F>}`)[]
  /** The name that polymorphic relations store for this model. Default: the name of the class. */
  morphName?: string
  /** How corm converts field names to column names. Default `snake_case`. */
  naming?: 'snake_case' | 'camelCase' | ((name: string) => string)
  /**
   * Makes every write of the model's rows a `UsageError`: of instances, over queries, and through relations. Use it for views and for
   * tables of other programs. Default false.
   */
  readOnly?: boolean
  /**
   * The table has no primary key in the database, and migrations make none. Fields with `primaryKey: true` then only tell its rows
   * apart, and may be nullable. Unless they do so for all rows, make the model `readOnly` too. Default false.
   */
  keyless?: boolean
}

/** The names that a field cannot have. */
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
  : { readonly [P in K]: 'is a member of Model: rename the field and set { column }' }
type NotFields<F> = F[keyof F] extends AnyField
  ? unknown
  : { readonly [K in keyof F]: F[K] extends AnyField ? unknown : AnyField }
/** Reports reserved names, and values that are not fields, at the field itself. */
// `All`: with what the fields are added to
export type FieldCheck<F extends WrittenFields, All = F> = Clash<keyof F & Reserved> & NotFields<F> & NeedsCheck<F, All>

/** The type of `Model`. */
export interface ModelFactory {
  /**
   * Returns a base class for a model with these fields. corm adds a field `id` if no field is a primary key.
   *
   *     class Author extends Model({ name: Field.string({ max: 120 }) }) {
   *       static books = Relation.hasMany(() => Book)
   *     }
   *
   * Throws `DefinitionError` for mistakes in the definition, at definition or at first use.
   */
  <const F extends WrittenFields>(fields: F & FieldCheck<F>, options?: ModelOptions<NoInfer<F>>): BaseClass<Complete<F>>
  /** `x instanceof Model` is whether `x` is an instance of any model. */
  [Symbol.hasInstance](value: unknown): value is ModelInstance
}
