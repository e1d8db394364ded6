import type { Decimal } from 'decimal.js'
import type { Column, Expression, InputFor, Sql, WhereValue } from './expression.js'
import type {
  BigIntegerOptions,
  DateTimeOptions,
  DecimalInput,
  DecimalOptions,
  FieldOptions,
  FloatOptions,
  ForeignKeyOptions,
  JsonNullValue,
  JsonOptions,
  MorphFieldOptions,
  SoftDeleteOptions,
  StringOptions,
  UuidOptions,
} from './field-options.js'

// Facts of a field, read by index access (`F[K][typeof OUT]`): no conditional type per field is needed later.
/** What an instance holds. */
export declare const OUT: unique symbol
/** What may be assigned and compared. */
export declare const IN: unique symbol
/** What an update over a query takes. */
export declare const SET: unique symbol
/** What the object form of a condition takes. */
export declare const MATCH: unique symbol
/** The field's column as an expression. */
export declare const COLUMN: unique symbol
/** What data for a new row must hold of the field. */
export declare const GROUP: unique symbol
/** Whether the field is a key, points to one, or tells deleted rows. */
export declare const ROLE: unique symbol
/** Whether the field can be summed and incremented. */
export declare const NUMBER: unique symbol
declare const HINT: unique symbol

/**
 * A field of a model, as the makers of `Field` give it.
 * `T` is what an instance holds and `I` what may be assigned or compared, both without null; `Facts` is what else is
 * known: null, optional (in `create`), id, pk, fk, soft, number, guarded, generated.
 */
// the members are resolved once for all fields with the same three arguments, not once per field
export interface Field<T, I = T, Facts = ''> {
  readonly [OUT]: T | NullIn<Facts>
  readonly [IN]: I | NullIn<Facts>
  readonly [SET]: I | NullIn<Facts> | Expression<T | NullIn<Facts> | NonNullable<T>>
  readonly [MATCH]: WhereValue<I | NullIn<Facts>>
  readonly [COLUMN]: Column<T | NullIn<Facts>, I | NullIn<Facts>>
  readonly [GROUP]: 'generated' extends Facts
    ? 'generated'
    : 'guarded' extends Facts
      ? 'optional' extends Facts
        ? 'guarded'
        : 'guardedRequired'
      : 'optional' extends Facts
        ? 'optional'
        : 'required'
  readonly [ROLE]: 'id' extends Facts
    ? 'id'
    : 'pk' extends Facts
      ? 'pk'
      : 'fk' extends Facts
        ? 'fk'
        : 'soft' extends Facts
          ? 'soft'
          : 'plain'
  readonly [NUMBER]: 'number' extends Facts ? true : false
}
type NullIn<Facts> = 'null' extends Facts ? null : never

/** Any field. */
// any, and '' for no facts: then it is compared and inferred by its arguments, not by a walk over its members
export type AnyField = Field<unknown, unknown, any>

/** The fields of a model by name. */
export type AnyFields = { readonly [name: string]: AnyField }

/** No value fits: the text says what to do. */
export interface Refused<Hint extends string> {
  readonly [HINT]: Hint
}

type Nullable = { nullable: true }
type PrimaryKey = { primaryKey: true }
type Guarded = { guarded: true }
type Generated = { generated: Sql }
type Given =
  | Nullable
  | Generated
  | { default: {} | (() => unknown) | null }
  | { dbDefault: Sql }
  | { autoNow: true }
  | { autoNowAdd: true }
  | { auto: true }
type Marked = Given | PrimaryKey | Guarded
/** What the options as written say of a field. */
export type Marks<O> = O extends Marked
  ?
      | (O extends Nullable ? 'null' : never)
      | (O extends Given ? 'optional' : never)
      | (O extends PrimaryKey ? 'pk' : never)
      | (O extends Generated ? 'generated' : O extends Guarded ? 'guarded' : never)
  : ''

type BigOut<O> = O extends { as: 'number' } ? number : O extends { as: 'string' } ? string : bigint
type BigIn<O> = O extends { as: 'string' } ? bigint | number | string : bigint | number

type DecimalOut<O> = O extends { as: 'string' } ? string : O extends { as: 'number' } ? number : Decimal

type JsonGiven<T> = { default: T | (() => T) } | { dbDefault: Sql }

type KeyOf<O> = O extends { key: 'bigint' } ? bigint : O extends { key: 'uuid' | 'string' } ? string : number

type MorphFields<P extends string, O> = {
  readonly [K in `${P}Id`]: Field<KeyOf<O>, KeyOf<O>, 'fk' | Marks<O>>
} & { readonly [K in `${P}Type`]: Field<string, string, 'fk' | Marks<O>> }

/** A list of texts, a TypeScript enum, or an `as const` object. */
export type EnumSource = readonly string[] | Readonly<Record<string, string | number>>

type EnumValue<V> = V extends readonly (infer S)[] ? S : V[keyof V]

/** How a field type of one's own is stored. */
export interface CustomField<T, I = T> {
  /** The built-in type that the column has. */
  type:
    | 'smallInteger'
    | 'integer'
    | 'bigInteger'
    | 'float'
    | 'decimal'
    | 'boolean'
    | 'string'
    | 'text'
    | 'uuid'
    | 'json'
    | 'date'
    | 'time'
    | 'dateTime'
    | 'binary'
  /** The value as the column stores it. */
  encode(value: I): unknown
  /** The value as the instance holds it. */
  // any: what the column holds depends on `type`
  decode(raw: any): T
  /** The column's type in SQL, when not that of `type`. */
  sql?: string
}

/** Makes fields of a custom type: `price: money({ nullable: true })`. */
export type CustomMaker<T, I = T> = <const O extends FieldOptions<T>>(options?: O) => Field<T, I, 'number' | Marks<O>>

/** The type of `Field`: one maker per kind of field. */
export interface FieldMakers {
  /** An auto-incremented integer key. A model without a key gets `id: Field.id()`. */
  id(options?: { column?: string; description?: string }): Field<number, number, 'optional' | 'id' | 'guarded'>
  /** An auto-incremented 64-bit key: bigint. */
  bigId(options?: {
    column?: string
    description?: string
  }): Field<bigint, bigint | number, 'optional' | 'id' | 'guarded'>
  /** A 16-bit integer. */
  smallInteger<const O extends FieldOptions<number>>(options?: O): Field<number, number, 'number' | Marks<O>>
  /** A 32-bit integer. */
  integer<const O extends FieldOptions<number>>(options?: O): Field<number, number, 'number' | Marks<O>>
  /** A 64-bit integer: bigint, or what `as` says. */
  bigInteger<const O extends BigIntegerOptions>(options?: O): Field<BigOut<O>, BigIn<O>, 'number' | Marks<O>>
  /** A double-precision number. NaN and the infinities are refused unless allowed. */
  float<const O extends FloatOptions>(options?: O): Field<number, number, 'number' | Marks<O>>
  /** An exact decimal number: `Decimal`, or what `as` says. */
  decimal<const O extends DecimalOptions>(options?: O): Field<DecimalOut<O>, DecimalInput, 'number' | Marks<O>>
  boolean<const O extends FieldOptions<boolean>>(options?: O): Field<boolean, boolean, Marks<O>>
  /** A text of limited length. */
  string<const O extends StringOptions>(options?: O): Field<string, string, Marks<O>>
  /** A text of any length. */
  text<const O extends StringOptions>(options?: O): Field<string, string, Marks<O>>
  /** A text of exactly this length. */
  char<const O extends FieldOptions<string>>(length: number, options?: O): Field<string, string, Marks<O>>
  /** A UUID as text; the database's own type where it has one. */
  uuid<const O extends UuidOptions>(options?: O): Field<string, string, Marks<O>>
  /** One of a fixed set of values, checked by the database as well. */
  enum<const V extends EnumSource, const O extends FieldOptions<EnumValue<V>>>(
    values: V,
    options?: O,
  ): Field<EnumValue<V>, EnumValue<V>, Marks<O>>
  /**
   * Any JSON value, typed: `Field.json<Settings>({ default: { theme: 'dark' } })`.
   * In a nullable field null is SQL's NULL, and `JsonNull` JSON's.
   */
  // an explicit type argument switches off the inference of the options, so they are told apart by overloads
  json<T = unknown>(
    options: JsonOptions<T> & { nullable: true; guarded: true },
  ): Field<T, T | JsonNullValue, 'null' | 'optional' | 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { generated: Sql }): Field<T, T, 'optional' | 'generated'>
  json<T = unknown>(options: JsonOptions<T> & { guarded: true } & JsonGiven<T>): Field<T, T, 'optional' | 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { guarded: true }): Field<T, T, 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { nullable: true }): Field<T, T | JsonNullValue, 'null' | 'optional'>
  json<T = unknown>(options: JsonOptions<T> & JsonGiven<T>): Field<T, T, 'optional'>
  json<T = unknown>(options?: JsonOptions<T>): Field<T>
  /** A day as `YYYY-MM-DD`: no time zone, ever. */
  date<const O extends FieldOptions<string>>(options?: O): Field<string, string, Marks<O>>
  /** A time of day as `HH:MM:SS[.ffffff]`. */
  time<const O extends FieldOptions<string>>(options?: O): Field<string, string, Marks<O>>
  /** A moment: a Date, stored in UTC. */
  dateTime<const O extends DateTimeOptions>(options?: O): Field<Date, Date, Marks<O>>
  /**
   * When the row was deleted; null while it is not. `delete()` sets it, `restore()` clears it, and queries leave deleted rows
   * out, unless they say `withTrashed()` or `onlyTrashed()`.
   */
  softDelete<const O extends SoftDeleteOptions>(options?: O): Field<Date, Date, 'null' | 'optional' | 'soft' | Marks<O>>
  /** Bytes. */
  binary<const O extends FieldOptions<Uint8Array>>(options?: O): Field<Uint8Array, Uint8Array, Marks<O>>
  /**
   * The key of another model's row: `authorId: Field.foreignKey(() => Author)`.
   * The column's type follows the target's key; a `key` that disagrees is a `DefinitionError`.
   */
  // `object`, not a function type: else the thunk's body is looked at while the class is still being resolved
  foreignKey<const O extends ForeignKeyOptions>(target: object, options?: O): Field<KeyOf<O>, KeyOf<O>, 'fk' | Marks<O>>
  /** A foreign key that at most one row may have. */
  oneToOne<const O extends ForeignKeyOptions>(target: object, options?: O): Field<KeyOf<O>, KeyOf<O>, 'fk' | Marks<O>>
  /**
   * The two fields of a `morphTo`: `commentableId` holds the key of a row, `commentableType` the name of its model.
   *
   *     class Comment extends Model({ body: Field.text(), ...Field.morphs('commentable') }) { … }
   */
  morphs<const P extends string, const O extends MorphFieldOptions = {}>(name: P, options?: O): MorphFields<P, O>
  /** A maker for fields of a type of one's own. */
  custom<T, I = T>(definition: CustomField<T, I>): CustomMaker<T, I>
}

/** The key that a model without one gets. */
export type IdField = Field<number, number, 'optional' | 'id' | 'guarded'>
/** The written fields with the default `id` when none is a key. */
export type Complete<F extends AnyFields> = HasKey<F> extends true ? F : { readonly id: IdField } & F
/** Whether a field of these is a key. */
export type HasKey<F extends AnyFields> = Extract<F[keyof F][typeof ROLE], 'pk' | 'id'> extends never ? false : true

/** Whether rows of a model are marked when they are deleted. */
export type SoftDeletes<C> = 'soft' extends FieldsOf<C>[keyof FieldsOf<C>][typeof ROLE] ? true : false

/** What an instance of a model with these fields holds. */
export type Attributes<F extends AnyFields> = { -readonly [K in keyof F]: F[K][typeof OUT] }

/** The fields of a model class. */
export type FieldsOf<C> = C extends { readonly fields: infer F extends AnyFields } ? F : never
/** The names of a model's fields. */
export type FieldName<C> = keyof FieldsOf<C> & string
type Fact<F extends AnyFields, K, W extends typeof OUT | typeof IN> = K extends keyof F ? F[K][W] : never
/** What field `K` of model `C` reads. */
export type OutOf<C, K> = Fact<FieldsOf<C>, K, typeof OUT>
/** What field `K` of model `C` takes. */
export type InOf<C, K> = Fact<FieldsOf<C>, K, typeof IN>

/** The names of the key fields ('id', 'pk') or the foreign keys ('fk'). */
export type RoleKeys<F extends AnyFields, R> = { [K in keyof F]: F[K][typeof ROLE] extends R ? K : never }[keyof F]
/** The names of the fields that can be summed and incremented. */
export type NumberKeys<F extends AnyFields> = { [K in keyof F]: F[K][typeof NUMBER] extends true ? K : never }[keyof F]
/** The names of a model's fields that can be summed and incremented. */
export type NumberField<C> = NumberKeys<FieldsOf<C>> & string

type PkKeysOf<F extends AnyFields> = F extends AutoId ? 'id' : RoleKeys<F, 'pk'> & string
// the usual case, without a look at every field
type AutoId = { readonly id: { readonly [ROLE]: 'id' } }
type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never
/** The names of a model's key fields. */
export type PkKeys<C> = PkKeysOf<FieldsOf<C>>
/** The key of a model with these fields: the value of the one key field, or an object of several. */
export type KeyOfFields<F extends AnyFields, W extends typeof OUT | typeof IN = typeof IN> =
  true extends IsUnion<PkKeysOf<F>> ? { [K in PkKeysOf<F>]: Fact<F, K, W> } : Fact<F, PkKeysOf<F>, W>
/** The key of a model: the value of its one key field, or an object of several. */
export type PkOf<C> = KeyOfFields<FieldsOf<C>>

/** A model's columns as expressions. */
export type ColumnsOf<F extends AnyFields> = { readonly [K in keyof F]: F[K][typeof COLUMN] }
/** What a callback gets: the columns of the model, and what the query adds to them. */
export type Cols<C, X = unknown> = ColumnsOf<FieldsOf<C>> & {
  readonly [K in keyof X as K extends string ? K : never]: Column<X[K], InputFor<X[K]>>
}
