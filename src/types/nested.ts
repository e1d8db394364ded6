import type { AttributeName } from './field.js'
import type { DidYouMean, Near, Refused } from './hint.js'
import type { InsertableThrough, InsertableThroughGuarded, InstanceOrKey, Linkable, PivotData } from './input.js'
import type { PivotKind } from './relation.js'
import type { InstOf, KindOf, PivotOf, RelationName, Target } from './relation-path.js'

// Nested data: the names are inferred from what is written, its values never. So each row is checked as a plain literal, and a
// model is only looked at where the data goes into it.

/** Nested data for a new row. */
export type NestedRelations<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedValue<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends AttributeName<C>
      ? unknown
      : DidYouMean<Near<AttributeName<C> | RelationName<C>, K>>
}
/** Nested data that changes a row. */
export type NestedChanges<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedChange<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends AttributeName<C>
      ? unknown
      : DidYouMean<Near<AttributeName<C> | RelationName<C>, K>>
}
/** Data of a row in nested data: its fields, and its own relations. */
type NestedData<C, G> = (G extends true ? InsertableThroughGuarded<C> : InsertableThrough<C>) & {
  readonly [K in RelationName<C>]?: NestedValue<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
}
type NestedValue<Kind, T, Pv, G> = Kind extends 'morphTo'
  ? InstOf<T> | null | NestedOne<InstOf<T>, InstOf<T>>
  : Kind extends 'belongsTo' | 'hasOne' | 'morphOne'
    ? NestedData<T, G> | InstanceOrKey<T> | null | NestedOne<NestedData<T, G> | InstOf<T>, InstanceOrKey<T>>
    : Kind extends 'hasMany' | 'morphMany'
      ?
          | NestedList<T, unknown, G>
          | NestedMany<NestedData<T, G> | InstOf<T>, NestedList<T, unknown, G>, InstanceOrKey<T>>
      : Kind extends PivotKind
        ? NestedList<T, Pv, G> | NestedMany<NestedData<T, G> | InstOf<T>, NestedList<T, Pv, G>, Linkable<T, Pv>>
        : Refused<'this relation cannot be written: write the relations that hold the foreign keys'>
// unknown: there is no join table
type NestedList<T, Pv, G> = unknown extends Pv
  ? readonly (NestedData<T, G> | InstOf<T>)[]
  : readonly (NestedData<T, G> | InstOf<T> | readonly [NestedData<T, G> | InstOf<T>, PivotData<Pv>])[]
type NestedChange<Kind, T, Pv, G> =
  | NestedValue<Kind, T, Pv, G>
  | (Kind extends 'morphTo'
      ? NestedOneChanges<InstOf<T>, InstOf<T>>
      : Kind extends 'belongsTo' | 'hasOne' | 'morphOne'
        ? NestedOneChanges<NestedData<T, G> | InstOf<T>, InstanceOrKey<T>>
        : Kind extends 'hasMany' | 'morphMany'
          ? NestedManyChanges<
              NestedData<T, G> | InstOf<T>,
              NestedList<T, unknown, G>,
              InstanceOrKey<T>,
              InstanceOrKey<T>
            >
          : Kind extends PivotKind
            ? NestedManyChanges<NestedData<T, G> | InstOf<T>, NestedList<T, Pv, G>, Linkable<T, Pv>, InstanceOrKey<T>>
            : never)

/** Nested data for a to-one relation of a new row. */
export interface NestedOne<Data, Given> {
  /** Data of a new related row, or an unsaved instance. */
  readonly create?: Data | undefined
  /** An existing row: an instance or a primary key. */
  readonly connect?: Given | undefined
  /** Like `connect`. Null sets the relation to no row. */
  readonly set?: Given | null | undefined
}
/** Changes of a to-one relation. corm runs them in this order: disconnect, delete, set, connect, create. */
export interface NestedOneChanges<Data, Given> extends NestedOne<Data, Given> {
  /** `true` unlinks the row, an instance or key only that row. Throws `UsageError` if the foreign key is not nullable. */
  readonly disconnect?: boolean | Given | undefined
  /** `true` deletes the row, an instance or key only that row. Throws `NotFoundError` if it does not belong to the relation. */
  readonly delete?: boolean | Given | undefined
}
/** Nested data for a to-many relation of a new row. */
export interface NestedMany<Data, List, Given> {
  /** New related rows: data or unsaved instances. A list can also contain pairs `[row, pivotValues]`. */
  readonly create?: Data | List | undefined
  /** Existing rows to link: instances or primary keys. */
  readonly connect?: Given | readonly Given[] | undefined
  /** Links exactly these rows, before `connect` and `create` add more. */
  readonly set?: Given | readonly Given[] | undefined
}
/** Changes of a to-many relation. corm runs them in this order: disconnect, delete, set, connect, create. */
export interface NestedManyChanges<Data, List, Given, Row> extends NestedMany<Data, List, Given> {
  /** Unlinks these rows. Throws `UsageError` if their foreign key is not nullable. */
  readonly disconnect?: Row | readonly Row[] | undefined
  /** Deletes these rows. Throws `NotFoundError` if one does not belong to the relation. */
  readonly delete?: Row | readonly Row[] | undefined
}
