import type { ExpectVersionOption, GuardedOption, LocalesOption, SaveOptions } from './call-options.js'
import type { AllChanges, AllData, GuardedKeys, SafeChanges } from './data.js'
import type { DatabaseHandle } from './database.js'
import type { AnyFields, Attributes, KeyOfFields, NumberKeys, OUT, Shown } from './field.js'
import type { Committed, PreviousValues } from './hooks.js'
import type { KNOWN } from './known.js'
import type { Schema } from './schema.js'

/** An instance of which only the class is known: entities have `toObject` and `toJSON` of `Handle`, typed by what was loaded. */
// a class can override these, as it could not override a method whose result depends on the instance
export interface ByClass {
  readonly isPersisted: boolean
  readonly [KNOWN]?: never
}
/** Members of every instance that depend neither on its fields nor on its relations. */
export interface InstanceBase {
  /** Whether the instance has a row in the database. */
  readonly isPersisted: boolean
  /** Whether this instance deleted its row, or the row is soft-deleted. */
  readonly isDeleted: boolean
  /**
   * Deletes the row. With `Field.softDelete()` it marks the row as deleted; the row stays, and `isPersisted` stays true.
   * Throws `UsageError` on an unsaved instance.
   */
  delete(): Promise<void>
  /** Deletes the row permanently. It works with and without soft deletes. */
  forceDelete(): Promise<void>
  /** Restores a soft-deleted row. Throws `UsageError` if the model has no `Field.softDelete()`. */
  restore(): Promise<void>
  /** Returns a new, unsaved instance with the same values, without primary key and timestamps. */
  clone(): this
  /** Returns a plain object that keeps Dates and Decimals. It includes loaded relations and leaves out hidden fields. */
  toObject(this: ByClass, options?: LocalesOption): Record<string, unknown>
  /** Returns a plain object of JSON values. It includes loaded relations and leaves out hidden fields. */
  toJSON(this: ByClass, options?: LocalesOption | string): Record<string, unknown>
  /** Returns the database that the instance was loaded from or belongs to. */
  getDatabase(): DatabaseHandle

  /**
   * Reports a problem from `validate`. corm throws all problems of the instance as one `ValidationError`. `path` is the name
   * of the field.
   *
   *     validate() {
   *       if (this.endsAt < this.startsAt) this.addIssue('endsAt', 'must not be before the start')
   *     }
   */
  addIssue(path: string, message: string, code?: string): void
  /** Hook: runs before all others when an instance is inserted or updated. */
  beforeValidate(): void | Promise<void>
  /** Hook: checks several fields together, or queries the database. Report problems with `addIssue`. */
  validate(): void | Promise<void>
  /** Hook: runs before an insert, and before `beforeSave`. */
  beforeInsert(): void | Promise<void>
  /** Hook: runs before an insert or update. corm saves the values that it assigns. */
  beforeSave(): void | Promise<void>
  /** Hook: runs after an insert. */
  afterInsert(): void | Promise<void>
  /** Hook: runs after an update, unless nothing changed. */
  afterUpdate(): void | Promise<void>
  /** Hook: runs after an insert or update, unless nothing changed. */
  afterSave(): void | Promise<void>
  /** Hook: runs before the row is deleted or soft-deleted. Throw to keep the row. */
  beforeDelete(): void | Promise<void>
  /** Hook: runs after the row was deleted or soft-deleted. */
  afterDelete(): void | Promise<void>
  /** Hook: runs before `restore()`. Throw to leave the row deleted. */
  beforeRestore(): void | Promise<void>
  /** Hook: runs after `restore()`. */
  afterRestore(): void | Promise<void>
  /** Hook: runs after a query loaded the instance. It does not run for `create` and `refresh`. */
  afterLoad(): void | Promise<void>
}

/** The changed fields of an instance, as `{ field: [old, new] }`. */
export type FieldChanges<F extends AnyFields> = {
  [K in keyof F]?: [old: F[K][typeof OUT] | undefined, new: F[K][typeof OUT]]
}

/** Members of an instance that depend on its fields. */
// the fields as the default of a type parameter: then comparing two instances of a model does not write them all out
export interface Typed<F extends AnyFields> {
  /** The primary key: one value, or an object if the key is composite. */
  readonly pk: KeyOfFields<F, typeof OUT>
  /**
   * Inserts a new row, or updates the changed columns of an existing one. It sends nothing if nothing changed. `only` limits
   * an update to these fields. Throws `ValidationError`, a `ConstraintError`, or `StaleModelError` if the row no longer exists or,
   * with `Field.version()`, was changed.
   */
  save(options?: SaveOptions<keyof F & string>): Promise<this>
  /** Assigns data and saves these fields. Throws `UsageError` for unknown and guarded keys. */
  update(data: SafeChanges<F>, options?: ExpectVersionOption): Promise<this>
  update(data: AllChanges<F>, options: GuardedOption & ExpectVersionOption): Promise<this>
  /** Assigns data without saving. Throws `UsageError` for unknown and guarded keys. */
  fill(data: SafeChanges<F>): this
  fill(data: AllChanges<F>, options: GuardedOption): this
  /** Reads these fields again from the database, or all fields if you name none. Throws `UsageError` on an unsaved instance. */
  refresh(...fields: (keyof F & string)[]): Promise<this>
  /** Adds `by` to a field in the database, in one statement, and sets the new value on the instance. Default: 1. */
  increment(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  /** Subtracts `by` from a field in the database and sets the new value on the instance. Default: 1. */
  decrement(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  /** Returns whether a field has unsaved changes. Without an argument: whether any field has. */
  isDirty(field?: keyof F & string): boolean
  /** Returns the fields with unsaved changes, as `{ field: [old, new] }`. */
  getChanges<A extends AnyFields = F>(): FieldChanges<A>
  /** Returns the value that a field had when it was loaded or last saved. */
  getOriginal<K extends keyof F>(field: K): Attributes<F>[K]
  /** Hook: runs last after an insert or update. `previous` has the old values of changed fields: `{}` after an insert. */
  onChange(previous: PreviousValues<F>): void | Promise<void>
  /** Hook: runs once after the outermost transaction has committed. It never runs after a rollback. */
  afterCommit(written: Committed<PreviousValues<F>>): void | Promise<void>
  /**
   * Loads a field that is `lazy` or was not selected, keeps the value on the instance, and returns it. The other rows of the same
   * result get theirs by the same query, unless `lazyLoading` is `'single'`.
   */
  loadField<K extends keyof F>(field: K): Promise<Attributes<F>[K]>
}

type InsertShape<F extends AnyFields> = Omit<AllData<F>, GuardedKeys<F>>
type UpdateShape<F extends AnyFields> = Omit<AllChanges<F>, GuardedKeys<F>>
/** Schemas of a model's data. `insert` and `update` leave out guarded fields. */
export interface ModelSchemas<in out F extends AnyFields> {
  /** Validates the data of `create`. */
  readonly insert: Schema<{ [K in keyof InsertShape<F>]: InsertShape<F>[K] }>
  /** Validates the data of `update`: every field is optional. */
  readonly update: Schema<{ [K in keyof UpdateShape<F>]: UpdateShape<F>[K] }>
  /** Validates the values that an instance holds, without hidden fields. */
  readonly select: Schema<Shown<F>>
}
