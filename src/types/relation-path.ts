import type { AnyFields, Attributes, FieldName, FieldsOf, OutOf, SoftDeletes } from './field.js'
import type { Miss, Near } from './hint.js'
import type { PivotKind, REL, ToManyKind, ToOneKind } from './relation.js'

/** An instance of a model class. */
export type InstOf<C> = C extends { readonly prototype: infer I } ? I : never

/** The names of the static members of every model class. */
// written out: as keys of their interface, what names relations would need all that queries are (a type test compares the two)
export type ModelStaticNames =
  | 'all'
  | 'attachMany'
  | 'columns'
  | 'count'
  | 'create'
  | 'createMany'
  | 'createWithRelations'
  | 'deleteMany'
  | 'detachMany'
  | 'embedAll'
  | 'exists'
  | 'extend'
  | 'fields'
  | 'find'
  | 'findBy'
  | 'findMany'
  | 'findOrFail'
  | 'firstOrCreate'
  | 'hasField'
  | 'insertMany'
  | 'make'
  | 'missingTranslations'
  | 'onlyTrashed'
  | 'query'
  | 'raw'
  | 'rawFirst'
  | 'reencrypt'
  | 'ref'
  | 'saveMany'
  | 'schema'
  | 'staleEmbeddings'
  | 'toSQLInsert'
  | 'transaction'
  | 'truncate'
  | 'updateMany'
  | 'updateOrCreate'
  | 'upsert'
  | 'upsertMany'
  | 'using'
  | 'where'
  | 'with'
  | 'withTrashed'
  | 'withoutGlobalScope'
  | 'withoutGlobalScopes'
type Inherited = ModelStaticNames | 'prototype'
type Own<K> = K extends Inherited ? never : K
type OwnStatic<C> = Own<keyof C>
/** The names of a model's relations. */
// by the names of what a static has: the compiler works out a type up to three times that it compares with another
// (any has every name: a relation that a mistake made any is none, but of any model each name may be one)
export type RelationName<C> = {
  [K in OwnStatic<C>]: typeof REL extends keyof C[K]
    ? string extends keyof C[K]
      ? string extends K
        ? K
        : never
      : K
    : never
}[OwnStatic<C>] &
  string
/** The member of this name, if there is one. */
type At<T, K> = K extends keyof T ? T[K] : never
/** The declaration of a relation of `C`. */
export type RelOf<C, K> = At<At<C, K>, typeof REL>
/** The related model of relation `K` of model `C`. */
export type Target<C, K> = RelOf<C, K> extends { target: () => infer T } ? T : never
/** The kind of relation `K`. */
export type KindOf<C, K> = At<RelOf<C, K>, 'kind'>
/** Whether relation `K` is a to-many relation. */
export type IsMany<C, K> = KindOf<C, K> extends ToManyKind ? true : false
/** The pivot values of relation `K`: unknown if it has no join table. */
export type PivotOf<C, K> = RelOf<C, K> extends { kind: PivotKind; pivot: infer O } ? PivotValues<O> : unknown
/** The additional fields of a join table. */
// unknown: there is no such table
export type PivotValues<O> = O extends { through: () => infer M }
  ? Attributes<FieldsOf<M>>
  : O extends { pivot: infer F extends AnyFields }
    ? Attributes<F>
    : Record<string, unknown>
/** The property `pivot` of rows of a relation with a join table. An assignment would not be saved: `updatePivot` is for that. */
export type WithPivot<Pv> = unknown extends Pv ? unknown : { readonly pivot: Readonly<Pv> }
/** `null` if relation `K` can have no row. */
// null unless the foreign key is known to be NOT NULL, and the row it points to can't be hidden
export type OneNull<C, K extends string> =
  RelOf<C, K> extends { kind: infer Kind; key: infer Key }
    ? Kind extends 'belongsTo'
      ? [ForeignNull<C, Key extends 'auto' ? `${K}Id` : Key>] extends [never]
        ? SoftDeletes<Target<C, K>> extends true
          ? null
          : never
        : null
      : null
    : null
type ForeignNull<C, K> =
  K extends FieldName<C> ? null & OutOf<C, K> : K extends readonly FieldName<C>[] ? null & OutOf<C, K[number]> : null

/** The first step of a path of relations. */
export type FirstStep<P> = P extends `${infer H}.${string}` ? H : P
/** The rest of paths of relations after step `H`, or ''. */
export type LaterSteps<P, H extends string> = StepsAfter<P, H> | ''
type StepsAfter<P, H extends string> = P extends `${H}.${infer R}` ? R : never

/** A path of relations, checked. */
// Names and paths are checked as they are written, never spelled out as a union of all paths. The compiler takes K from the branch
// of what is most often meant, and looks into the other one only for what that is not. A wrong one leads to those that there are,
// which editors offer, and to those that are near, for the message. Of any text (K is asked for before it is known) nothing is
// worked out but fields.
export type ValidRel<C, P extends string> =
  P extends RelationName<C> ? P : NoInfer<FurtherRel<C, P>> | NoInfer<WrongRel<C, P>>
type FurtherRel<C, P extends string> = string extends P ? RelationName<C> : CheckedRel<C, P>
/** The correct form of a wrong path of relations, for the message. */
export type WrongRel<C, P extends string> = P extends unknown
  ? string extends P
    ? RelationName<C>
    : Miss<P, CheckedRel<C, P>, NearRel<C, P>>
  : never
/** A path of relations up to the first mistake, and the names that are possible there. */
// distributive: C may be a union
export type CheckedRel<C, P extends string> = C extends unknown
  ? P extends RelationName<C>
    ? P
    : P extends `${infer H}.${infer R}`
      ? H extends RelationName<C>
        ? `${H}.${CheckedRel<Target<C, H>, R>}`
        : RelationName<C>
      : RelationName<C>
  : never
type NearRel<C, P extends string> = C extends unknown
  ? P extends `${infer H}.${infer R}`
    ? H extends RelationName<C>
      ? `${H}.${NearRel<Target<C, H>, R>}`
      : Near<RelationName<C>, P>
    : Near<RelationName<C>, P>
  : never
/** The model at the end of a path of relations. */
export type PathTarget<C, P extends string> = P extends `${infer H}.${infer R}`
  ? PathTarget<Target<C, H>, R>
  : Target<C, P>
/** The pivot values of the last relation of a path. */
export type PathPivot<C, P extends string> = P extends `${infer H}.${infer R}`
  ? PathPivot<Target<C, H>, R>
  : PivotOf<C, P>
/** The names of the to-one relations of a model. */
export type ToOne<C> = NameOfKind<C, RelationName<C>, ToOneKind>
/** The names of the relations of a model with a join table. */
export type LinkName<C> = NameOfKind<C, RelationName<C>, PivotKind>
type NameOfKind<C, K, Kind> = K extends unknown ? (KindOf<C, K> extends Kind ? K : never) : never
