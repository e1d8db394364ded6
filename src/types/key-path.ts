import type { InputFor } from './expression.js'
import type { ComputedName, FieldName, FieldsOf, IN, NumberField, OutOf, PkOf } from './field.js'
import type { Miss, Near } from './hint.js'
import type { InstanceBase } from './instance.js'
import type { OneNull, RelationName, Target, ToOne } from './relation-path.js'

/** A key of a condition, checked: a field, a name that the query adds, a path through relations, or a relation to one row. */
export type ValidKey<C, K extends string, X> =
  K extends FieldName<C> ? K : NoInfer<FurtherKey<C, K, X>> | NoInfer<WrongKey<C, K, X>>
type FurtherKey<C, K extends string, X> = string extends K ? FieldName<C> | (keyof X & string) : CheckedKey<C, K, X>
type WrongKey<C, K extends string, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : Miss<K, CheckedKey<C, K, X>, NearKey<C, K, KeyHint<C, X>>>
  : never
type KeyHint<C, X> = FieldName<C> | (keyof X & string) | `${RelationName<C>}.`
type CheckedKey<C, K extends string, X> = K extends FieldName<C> | keyof X | 'pk'
  ? K
  : K extends `${infer H}.${infer R}`
    ? H extends RelationName<C>
      ? `${H}.${CheckedKey<Target<C, H>, R, unknown>}`
      : PivotPath<H, X, KeyHint<C, X>>
    : K extends ToOne<C>
      ? K
      : KeyHint<C, X>
type NearKey<C, K extends string, Hint> = K extends `${infer H}.${infer R}`
  ? H extends RelationName<C>
    ? `${H}.${Extract<NearKey<Target<C, H>, R, KeyHint<Target<C, H>, unknown>>, string>}`
    : Near<Hint, K>
  : Near<Hint, K>
// 'pivot.role' in a query over the rows of a relation
type PivotPath<H extends string, X, Hint> = H extends 'pivot'
  ? X extends { readonly pivot: infer Pv }
    ? `pivot.${keyof Pv & string}`
    : Hint
  : Hint
type PivotValue<X, R> = X extends { readonly pivot: infer Pv } ? (R extends keyof Pv ? Pv[R] : never) : never
/** A key of a result, an order or a group, checked: it has one value for each row. */
export type ValueKey<C, K extends string, X> =
  K extends FieldName<C> ? K : NoInfer<FurtherValue<C, K, X>> | NoInfer<WrongValue<C, K, X>>
type FurtherValue<C, K extends string, X> = string extends K ? FieldName<C> | (keyof X & string) : CheckedValue<C, K, X>
type WrongValue<C, K extends string, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : Miss<K, CheckedValue<C, K, X>, NearKey<C, K, ValueHint<C, X>>>
  : never
type ValueHint<C, X> = FieldName<C> | (keyof X & string) | `${ToOne<C>}.`
type CheckedValue<C, K extends string, X> = K extends FieldName<C> | keyof X | 'pk'
  ? K
  : K extends `${infer H}.${infer R}`
    ? H extends ToOne<C>
      ? `${H}.${CheckedValue<Target<C, H>, R, unknown>}`
      : PivotPath<H, X, ValueHint<C, X>>
    : ValueHint<C, X>
/** A key of a sum or an average, checked: a field, a name or a path. Whether a path leads to a number is checked when it runs. */
export type NumberKey<C, K extends string, X> = K extends NumberField<C> ? K : NoInfer<FurtherNumber<C, K, X>>
type FurtherNumber<C, K extends string, X> =
  K extends FieldName<C> ? NumberField<C> : FurtherValue<C, K, X> | WrongValue<C, K, X>
/** The type of the value of a key. */
export type KeyOut<C, K, X> = K extends keyof X ? X[K] : K extends FieldName<C> ? OutOf<C, K> : PathOut<C, K, X>
type PathOut<C, K, X> = K extends 'pk'
  ? PkOf<C>
  : K extends `pivot.${infer R}`
    ? PivotValue<X, R>
    : K extends `${infer H}.${infer R}`
      ? KeyOut<Target<C, H>, R, unknown> | OneNull<C, H>
      : never
/** The type of the values that can be compared with the value of a key. */
export type KeyIn<C, K, X> = string extends K
  ? unknown
  : K extends FieldName<C>
    ? FieldsOf<C>[K][typeof IN]
    : K extends keyof X
      ? InputFor<X[K]>
      : PathIn<C, K, X>
type PathIn<C, K, X> = K extends 'pk'
  ? PkOf<C>
  : K extends `pivot.${infer R}`
    ? InputFor<PivotValue<X, R>>
    : K extends `${infer H}.${infer R}`
      ? KeyIn<Target<C, H>, R, unknown>
      : K extends ToOne<C>
        ? InstanceBase
        : never
/** Keys of a result, checked. */
export type KeyList<C, K extends readonly string[], X> = { [I in keyof K]: FieldName<C> | ValueKey<C, K[I], X> }
/** Keys of `select`, checked: those of a result, and computed attributes. */
export type SelectList<C, K extends readonly string[], X> = {
  [I in keyof K]: FieldName<C> | ComputedName<C> | (K[I] extends ComputedName<C> ? K[I] : ValueKey<C, K[I], X>)
}
/** A field or an added name, with `-` in front for descending order. */
export type OrderKey<C, X> = FieldName<C> | `-${FieldName<C>}` | (keyof X & string) | `-${keyof X & string}`
/** A key of an order, checked. */
export type OrderPath<C, K, X> =
  K extends OrderKey<C, X> ? K : NoInfer<FurtherOrder<C, K, X>> | NoInfer<WrongOrder<C, K, X>>
type FurtherOrder<C, K, X> = string extends K
  ? OrderKey<C, X>
  : K extends `-${infer P}`
    ? `-${CheckedValue<C, P, X>}`
    : K extends string
      ? Exclude<CheckedValue<C, K, X>, FieldName<C>>
      : never
type WrongOrder<C, K, X> = K extends unknown
  ? string extends K
    ? FieldName<C>
    : K extends `-${infer P}`
      ? Miss<P, CheckedValue<C, P, X>, `-${Extract<NearKey<C, P, ValueHint<C, X>>, string>}`>
      : K extends string
        ? WrongValue<C, K, X>
        : never
  : never
