import type { FieldName } from './field.js'
import type { DidYouMean, Near, Refused } from './hint.js'
import type { InsertableThrough, InsertableThroughGuarded, InstanceOrKey, Linkable, PivotData } from './input.js'
import type { PivotKind } from './relation.js'
import type { InstOf, KindOf, PivotOf, RelationName, Target } from './relation-path.js'

// Nested data: the names are inferred from what is written, its values never. So each row is checked as a plain literal, and a
// model is only looked at where the data goes into it.

/** What nested data for a new row may hold, by the names in it. */
export type NestedRelations<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedValue<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends FieldName<C>
      ? unknown
      : DidYouMean<Near<FieldName<C> | RelationName<C>, K>>
}
/** What nested data for a change may hold, by the names in it. */
export type NestedChanges<C, D, G = false> = {
  [K in keyof D]: K extends RelationName<C>
    ? NestedChange<KindOf<C, K>, Target<C, K>, PivotOf<C, K>, G> | undefined
    : K extends FieldName<C>
      ? unknown
      : DidYouMean<Near<FieldName<C> | RelationName<C>, K>>
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

/** What a new row may do with a relation to one row. */
export interface NestedOne<Data, Given> {
  /** The row to make. */
  readonly create?: Data | undefined
  /** The row that is there already. */
  readonly connect?: Given | undefined
  /** The same as `connect`; null for none. */
  readonly set?: Given | null | undefined
}
/** What can be done with a relation to one row, in this order: disconnect, delete, set, connect, create. */
export interface NestedOneChanges<Data, Given> extends NestedOne<Data, Given> {
  /** Takes the row away, or only this one. Throws `UsageError` where the key may not be null. */
  readonly disconnect?: boolean | Given | undefined
  /** Deletes the row, or only this one. Throws `NotFoundError` where it is not the relation's. */
  readonly delete?: boolean | Given | undefined
}
/** What a new row may do with a relation to many rows. */
export interface NestedMany<Data, List, Given> {
  /** Rows to make: data, or unsaved instances; in a list also `[row, pivot]`. */
  readonly create?: Data | List | undefined
  /** Rows that are there already, as instances or keys. */
  readonly connect?: Given | readonly Given[] | undefined
  /** Exactly these, before `connect` and `create` add more. */
  readonly set?: Given | readonly Given[] | undefined
}
/** What can be done with a relation to many rows, in this order: disconnect, delete, set, connect, create. */
export interface NestedManyChanges<Data, List, Given, Row> extends NestedMany<Data, List, Given> {
  /** Takes rows away. Throws `UsageError` where their key may not be null. */
  readonly disconnect?: Row | readonly Row[] | undefined
  /** Deletes rows. Throws `NotFoundError` where one is not the relation's. */
  readonly delete?: Row | readonly Row[] | undefined
}
