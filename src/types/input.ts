import type { GuardedOption } from './call-options.js'
import type { ForeignRequired, GuardedNewRow, GuardedUpdateOf, NewRow, NewRowBy, UpdateOf, Write } from './data.js'
import type { InputFor } from './expression.js'
import type { Cols, FieldName, FieldsOf, GUARDED_WRITE, HasFields, PkOf, WRITE } from './field.js'
import type { DidYouMean, Near } from './hint.js'
import type { InstOf, KindOf, OneNull, RelationName, RelOf, Target } from './relation-path.js'

/** Data for `create`. A field is required unless it is nullable, has a default, or is filled in by corm or the database. */
export type Insertable<C> = C extends HasFields ? NewRow<C> : never
/** Data for `create` with `{ guarded: true }`. */
export type InsertableGuarded<C> = C extends HasFields ? GuardedNewRow<C> : never
/** Data for `create` of a relation. The relation sets the foreign key. */
export type InsertableThrough<C> = C extends HasFields ? NewRowBy<C, typeof WRITE, false> : never
/** `InsertableThrough` with `{ guarded: true }`. */
export type InsertableThroughGuarded<C> = C extends HasFields ? NewRowBy<C, typeof GUARDED_WRITE, false> : never

/** Data for `create`. A `belongsTo` or `morphTo` relation can replace its foreign key: `{ author }` for `{ authorId }`. */
export type Creatable<C> = Insertable<C> | RowWithOwners<C, typeof WRITE, Insertable<C>>
/** `Creatable` with `{ guarded: true }`. */
export type CreatableGuarded<C> = InsertableGuarded<C> | RowWithOwners<C, typeof GUARDED_WRITE, InsertableGuarded<C>>
// never of no model, where it has no owners: then what is in data is looked at for any model, and not once for each
type RowWithOwners<C, W extends Write, Plain> = C extends HasFields
  ? OwnerName<C> extends never
    ? Plain
    : NewRowBy<C, W, false> & Owners<C> & KeysOrOwners<C, W>
  : never
/** The `belongsTo` and `morphTo` relations of a model, as data. */
export type Owners<C> = { readonly [K in OwnerName<C>]?: Owner<C, K> | undefined }
type Owner<C, K extends string> = InstOf<Target<C, K>> | OneNull<C, K>
type OwnerName<C> = {
  [K in RelationName<C>]: KindOf<C, K> extends 'belongsTo' | 'morphTo' ? K : never
}[RelationName<C>]
// each required key, or a relation that stands for it. In boxes, since what is made of a union here must stay together
type KeysOrOwners<C extends HasFields, W extends Write> =
  ForeignRequired<C['fields']> extends never
    ? unknown
    : AllOf<ForeignRequired<C['fields']>, C, W> extends { either: infer E }
      ? E
      : never
type AllOf<Key, C, W extends Write> = (
  Key extends string
    ? (box: { either: KeyOrOwner<C, Key, W> }) => void
    : never
) extends (box: infer B) => void
  ? B
  : never
/** `InsertableThrough` in which relations can replace their foreign keys. */
export type CreatableThrough<C, W extends Write = typeof WRITE> = C extends HasFields
  ? OwnerName<C> extends never
    ? NewRowBy<C, W, false>
    : NewRowBy<C, W, false> & Owners<C>
  : never
// the key last: that is what messages call missing
type KeyOrOwner<C, Key extends string, W extends Write> =
  | OwnerBy<C, OwnerName<C>, Key>
  | { [K in Key & keyof FieldsOf<C>]: FieldsOf<C>[K][W] }
type OwnerBy<C, K extends string, Key> = K extends unknown
  ? Key extends KeysOfOwner<C, K>
    ? { readonly [P in K]: Owner<C, P> }
    : never
  : never
// by the relation's options or name; where neither says which, any foreign key may be meant
type KeysOfOwner<C, K extends string> =
  RelOf<C, K> extends { kind: 'belongsTo'; key: infer Key }
    ? Key extends 'auto'
      ? `${K}Id` extends FieldName<C>
        ? `${K}Id`
        : string
      : Key extends readonly unknown[]
        ? Key[number]
        : Key
    : `${K}Id` | `${K}Type`

/** Data for `update` of a query: values or expressions. */
export type Updatable<C> = C extends HasFields ? UpdateOf<C> : never
/** `Updatable` with `{ guarded: true }`. */
export type UpdatableGuarded<C> = C extends HasFields ? GuardedUpdateOf<C> : never

/** The result of a callback. It refuses names that are not fields. */
// what a callback returns, with nothing that is no field: the compiler itself looks for such names in plain literals only
export type Exactly<D, C, U> = D & {
  readonly [K in keyof D]: K extends keyof U ? U[K] : DidYouMean<Near<FieldName<C>, K>>
}

/** An instance of `T`, or its primary key. */
export type InstanceOrKey<T> = InstOf<T> | PkOf<T>

/** Pivot values: the values of the additional fields of a join table. */
export type PivotData<Pv> = { readonly [K in keyof Pv]?: InputFor<Pv[K]> | undefined }
/** A row to link: an instance, a primary key, or a pair of one of these and pivot values. */
export type Linkable<T, Pv> = InstanceOrKey<T> | readonly [InstanceOrKey<T>, PivotData<Pv>]

type UpsertUpdate<C> = readonly FieldName<C>[] | ((c: Cols<C>, incoming: Cols<C>) => UpdatableGuarded<C>) | false

/** Options of `upsert` and `upsertMany`. */
export interface UpsertOptions<C> {
  /** The unique field or fields. A row with the same values in them is updated instead of inserted. */
  conflict: FieldName<C> | readonly FieldName<C>[]
  /** What to change in an existing row: fields, a function of both rows, or false. Default: all given fields. */
  update?: UpsertUpdate<C>
  /** Allows data for guarded fields. */
  guarded?: boolean
}
/** Checks that a callback of `update` returns fields only. */
// a callback of `update` names nothing that is no field
export type ExactUpdate<O, C> = O extends { readonly update: (...args: never[]) => infer D }
  ? { readonly update: (c: Cols<C>, incoming: Cols<C>) => Exactly<D, C, UpdatableGuarded<C>> }
  : unknown
/** The data of `upsert` with these options. */
export type UpsertData<C, O> = O extends GuardedOption ? InsertableGuarded<C> : Insertable<C>
/** Any of these fields. */
export type SomeOf<T> = { [K in keyof T]?: T[K] | undefined }
