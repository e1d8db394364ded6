import type { GuardedOption } from './call-options.js'
import type { AllChanges, AllData, GuardedKeys, SafeChanges } from './data.js'
import type { Connectable, DatabaseHandle } from './database.js'
import type { AnyFields, Attributes, KeyOfFields, NumberKeys, OUT } from './field.js'
import type { Committed, PreviousValues } from './hooks.js'
import type { Schema } from './schema.js'

/** Members of every instance that depend neither on its fields nor on its relations. */
export interface InstanceBase {
  /** Whether it has a row in the database. */
  readonly isPersisted: boolean
  /** Whether its row was deleted through it, or is marked as deleted. */
  readonly isDeleted: boolean
  /**
   * Deletes its row; with `Field.softDelete()` it marks the row, which then is still there (`isPersisted`). Throws
   * `UsageError` on an unsaved instance.
   */
  delete(): Promise<void>
  /** Deletes its row for good, whether or not the model has soft deletes. */
  forceDelete(): Promise<void>
  /** Brings back a row marked as deleted. Throws `UsageError` where the model has no `Field.softDelete()`. */
  restore(): Promise<void>
  /** A new, unsaved instance with the same values, without key and timestamps. */
  clone(): this
  /** A plain object with Dates and Decimals as they are, loaded relations included; hidden fields stay out. */
  toObject(): Record<string, unknown>
  /** A plain object of JSON values, loaded relations included; hidden fields stay out. */
  toJSON(): Record<string, unknown>
  /** The database it was loaded from or belongs to. */
  getDatabase(): DatabaseHandle

  /**
   * Adds a problem to those of this write, in `validate`: all of them are thrown as one `ValidationError`.
   *
   *     validate() {
   *       if (this.endsAt < this.startsAt) this.addIssue('endsAt', 'must not be before the start')
   *     }
   */
  addIssue(path: string, message: string, code?: string): void
  /** A hook: runs first when an instance is inserted or updated. */
  beforeValidate(): void | Promise<void>
  /** A hook: checks several fields together, or asks the database. Report what is wrong with `addIssue`. */
  validate(): void | Promise<void>
  /** A hook: runs before an insert, and before `beforeSave`. */
  beforeInsert(): void | Promise<void>
  /** A hook: runs before an insert or update. What it sets is saved. */
  beforeSave(): void | Promise<void>
  /** A hook: runs after an insert. */
  afterInsert(): void | Promise<void>
  /** A hook: runs after an update, unless nothing was changed. */
  afterUpdate(): void | Promise<void>
  /** A hook: runs after an insert or update, unless nothing was changed. */
  afterSave(): void | Promise<void>
  /** A hook: runs before its row is deleted, or marked as deleted. Throw to keep the row. */
  beforeDelete(): void | Promise<void>
  /** A hook: runs after its row was deleted, or marked as deleted. */
  afterDelete(): void | Promise<void>
  /** A hook: runs before `restore()`. Throw to leave the row deleted. */
  beforeRestore(): void | Promise<void>
  /** A hook: runs after `restore()`. */
  afterRestore(): void | Promise<void>
  /** A hook: runs when it was loaded from the database. */
  afterLoad(): void | Promise<void>
}

/** The changed fields of an instance. */
export type FieldChanges<F extends AnyFields> = {
  [K in keyof F]?: [old: F[K][typeof OUT] | undefined, new: F[K][typeof OUT]]
}

/** Members of an instance that depend on its fields. */
// the fields as the default of a type parameter: then comparing two instances of a model does not write them all out
export interface Typed<F extends AnyFields> {
  /** The primary key: a value, or an object of a composite key. */
  readonly pk: KeyOfFields<F, typeof OUT>
  /** Inserts a new row, or updates the changed columns of its row; no statement when nothing changed. */
  save(options?: { only?: readonly (keyof F & string)[]; using?: Connectable }): Promise<this>
  /** Assigns data and saves those fields. Throws `UsageError` for unknown and guarded keys. */
  update(data: SafeChanges<F>): Promise<this>
  update(data: AllChanges<F>, options: GuardedOption): Promise<this>
  /** Assigns data without saving. Throws `UsageError` for unknown and guarded keys. */
  fill(data: SafeChanges<F>): this
  fill(data: AllChanges<F>, options: GuardedOption): this
  /** Reads its row again: these fields, or all. Throws `UsageError` on an unsaved instance. */
  refresh(...fields: (keyof F & string)[]): Promise<this>
  /** Adds `by` (1) in the database, and takes over the new value. */
  increment(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  decrement(field: NumberKeys<F>, by?: number | bigint): Promise<this>
  /** Whether a field, or any, differs from what the database holds. */
  isDirty(field?: keyof F & string): boolean
  /** The changed fields as `{ field: [old, new] }`. */
  getChanges<A extends AnyFields = F>(): FieldChanges<A>
  /** The value of a field as it was loaded or last saved. */
  getOriginal<K extends keyof F>(field: K): Attributes<F>[K]
  /** A hook: runs last after an insert or update, with the changed fields as they were: `{}` after an insert. */
  onChange(previous: PreviousValues<F>): void | Promise<void>
  /** A hook: runs once when the outermost transaction has committed, and never after a rollback. */
  afterCommit(written: Committed<PreviousValues<F>>): void | Promise<void>
  /** Reads a lazy or unselected field, and keeps it. */
  loadField<K extends keyof F>(field: K): Promise<Attributes<F>[K]>
}

type InsertShape<F extends AnyFields> = Omit<AllData<F>, GuardedKeys<F>>
type UpdateShape<F extends AnyFields> = Omit<AllChanges<F>, GuardedKeys<F>>
/** Schemas of a model's data; guarded fields are left out of what is written. */
export interface ModelSchemas<in out F extends AnyFields> {
  /** What `create` takes. */
  readonly insert: Schema<{ [K in keyof InsertShape<F>]: InsertShape<F>[K] }>
  /** What `update` takes: every field optional. */
  readonly update: Schema<{ [K in keyof UpdateShape<F>]: UpdateShape<F>[K] }>
  /** What an instance holds. */
  readonly select: Schema<Attributes<F>>
}
