import type { Decimal } from 'decimal.js'
import type { VectorInput } from './call-options.js'
import type { Country, CountryRules } from './country.js'
import type { Sql } from './expression.js'
import type { ComputedField, Field, TranslatedField, VirtualField } from './field.js'
import type {
  BigIntegerRules,
  BooleanStorage,
  ComputedOptions,
  DateStorage,
  DateTimeRules,
  DecimalInput,
  DecimalRules,
  DefaultValue,
  FieldOptions,
  FloatRules,
  ForeignKeyRules,
  IntegerRules,
  KeyType,
  KeyValue,
  Limits,
  Mistake,
  MorphFieldOptions,
  PasswordHash,
  PasswordOptions,
  SlugRules,
  SoftDeleteOptions,
  StringRules,
  TelRules,
  TextRules,
  TranslatedOptions,
  UuidRules,
  VersionOptions,
  VirtualOptions,
} from './field-options.js'
import type { FileInput, FileRules, ImageRules, StoredFile } from './files.js'
import type { ArrayMaker, CustomField, CustomMaker, EncryptedMaker, JsonMaker, Maker, Marks, Veiled } from './makers.js'
import type { EmbeddingOptions, VectorOptions } from './vector-options.js'

// what `as` or `key` says; all of it where it is not known until it runs
type BigOut<As> = [As] extends [never] ? bigint : As extends 'number' ? number : string
type BigIn<As> = 'string' extends As ? bigint | number | string : bigint | number
type DecimalOut<As> = [As] extends [never] ? Decimal : As extends 'string' ? string : number

type KeyNamed<Key> = Key extends 'bigint' ? bigint : Key extends 'uuid' | 'string' ? string : number

type MorphFields<P extends string, Key, N> = {
  readonly [K in `${P}Id`]: Field<KeyNamed<Key>, KeyNamed<Key>, 'fk' | NullableMark<N>>
} & { readonly [K in `${P}Type`]: Field<string, string, 'fk' | NullableMark<N>> }
type NullableMark<N> = Mistake extends N ? never : N extends false ? never : 'null' | 'optional'

/** The options of a generated key. */
export interface IdOptions {
  column?: string
  /** The SQL type of the column, used unchanged: `'bigint unsigned'`. */
  sql?: string
  description?: string
  renamedFrom?: string
  /** Lets SQLite give the number of a deleted last row to a new one, which makes inserts faster. Default false. */
  reuse?: boolean
}

/** The values of `Field.enum`: a list of texts, a TypeScript enum, or an `as const` object. */
export type EnumSource = readonly string[] | Readonly<Record<string, string | number>>

type EnumValue<V> = V extends readonly (infer S)[] ? S : V[keyof V]

/** The type of `Field`: one function for each kind of field. */
export interface FieldMakers {
  /** An auto-incremented integer primary key. A model without a primary key gets `id: Field.id()`. */
  id(options?: IdOptions): Field<number, number, 'optional' | 'id' | 'guarded'>
  /** An auto-incremented 64-bit primary key. Its values are bigint. */
  bigId(options?: IdOptions): Field<bigint, bigint | number, 'optional' | 'id' | 'guarded'>
  /** A 16-bit integer. */
  smallInteger: Maker<number, number, Limits<number>, 'number'>
  /** A 32-bit integer. */
  integer<
    A extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<number> = never,
    B extends number | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<number, N, D, B, E, G, P, H, Z> & IntegerRules<A>,
  ): Field<number, number, Marks<N, D, B, E, G, P, H, Z, 'number', A>>
  /** A 64-bit integer. Its values are bigint, or numbers or texts with `as`. */
  bigInteger<
    As extends 'number' | 'string' = never,
    A extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<bigint | number | string> = never,
    B extends bigint | number | string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<bigint | number | string, N, D, B, E, G, P, H, Z> & BigIntegerRules<As, A>,
  ): Field<BigOut<As>, BigIn<As>, Marks<N, D, B, E, G, P, H, Z, 'number', A>>
  /** A double-precision number. It refuses NaN and the infinities unless `allowNaN` or `allowInfinity` is set. */
  float: Maker<number, number, FloatRules, 'number'>
  /**
   * An exact decimal number. Its values are `Decimal`, or texts or numbers with `as`. Default: `precision` 18 and `scale` 4, that
   * is 18 digits, 4 of them after the point.
   */
  decimal<
    As extends 'number' | 'string' = never,
    N extends boolean | Mistake = false,
    D extends DefaultValue<DecimalInput> = never,
    B extends DecimalInput | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<DecimalInput, N, D, B, E, G, P, H, Z> & DecimalRules<As>,
  ): Field<DecimalOut<As>, DecimalInput, Marks<N, D, B, E, G, P, H, Z, 'number'>>
  /** A boolean. */
  boolean: Maker<boolean, boolean, BooleanStorage>
  /** A text of limited length. Default: at most 255 characters; change it with `max`. */
  string: Maker<string, string, StringRules>
  /** A text of any length. */
  text: Maker<string, string, TextRules>
  /** An e-mail address (RFC 5321) of at most 254 characters. */
  email: Maker<string, string>
  /** An absolute URL (RFC 3986) that starts with `http://` or `https://`. Default: at most 2000 characters; change it with `max`. */
  url: Maker<string, string, Pick<StringRules, 'max'>>
  /**
   * A text of letters (a to z), digits, hyphens and underscores, for URLs. With `from`, corm makes it of other fields, and with
   * `unique` it appends a number if another row has it: `slug: Field.slug({ from: 'title', unique: true })`.
   */
  slug<
    From extends string | readonly string[] = never,
    N extends boolean | Mistake = false,
    D extends DefaultValue<string> = never,
    B extends string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<string, N, D, B, E, G, P, H, Z> & SlugRules<From>,
  ): Field<string, string, Marks<N, D, B, E, G, P, H, Z, never, [From] extends [never] ? false : true>>
  /**
   * A phone number in the form E.164, `+4930123456`, at most 15 digits. Other forms are converted, in conditions as well. With
   * `country`, numbers of that country need no country code. Needs the package `libphonenumber-js`.
   */
  tel: Maker<string, string, TelRules>
  /** An IPv4 or IPv6 address. IPv6 addresses are stored in their canonical form (RFC 5952). */
  ip: Maker<string, string>
  /** A text of at most `length` characters. */
  char<
    N extends boolean | Mistake = false,
    D extends DefaultValue<string> = never,
    B extends string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    length: number,
    options?: FieldOptions<string, N, D, B, E, G, P, H, Z>,
  ): Field<string, string, Marks<N, D, B, E, G, P, H, Z>>
  /** A UUID as text. corm uses the UUID type of the database if it has one. With `auto`, corm generates a value on insert. */
  uuid<
    A extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<string> = never,
    B extends string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<string, N, D, B, E, G, P, H, Z> & UuidRules<A>,
  ): Field<string, string, Marks<N, D, B, E, G, P, H, Z, never, A>>
  /** One of a fixed set of values. corm checks them on save, and the database with a CHECK constraint. */
  enum<
    const V extends EnumSource,
    N extends boolean | Mistake = false,
    D extends DefaultValue<EnumValue<V>> = never,
    B extends EnumValue<V> | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    values: V,
    options?: FieldOptions<EnumValue<V>, N, D, B, E, G, P, H, Z>,
  ): Field<EnumValue<V>, EnumValue<V>, Marks<N, D, B, E, G, P, H, Z>>
  /**
   * A JSON value. Give its type as type argument: `Field.json<Settings>({ default: { theme: 'dark' } })`.
   * In a nullable field `null` means SQL NULL. Use `JsonNull` to store JSON null.
   */
  json: JsonMaker
  /** A date as text `YYYY-MM-DD`. It has no time zone. */
  date: Maker<string, string, DateStorage>
  /** A time of day as text `HH:MM:SS` or `HH:MM:SS.ffffff`. */
  time: Maker<string, string, Limits<string>>
  /** A date and time. Its values are Dates, stored in UTC with milliseconds. */
  dateTime<
    A extends boolean | Mistake = false,
    AA extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<Date> = never,
    B extends Date | 'now' | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<Date, N, D, B, E, G, P, H, Z> & DateTimeRules<A, AA>,
  ): Field<Date, Date, Marks<N, D, B, E, G, P, H, Z, never, false, A | AA>>
  /**
   * Turns soft deletes on for the model. The field holds the time of deletion, or null. `delete()` sets it and `restore()`
   * clears it. Queries leave out deleted rows unless they use `withTrashed()` or `onlyTrashed()`.
   */
  softDelete<H extends boolean | Mistake = false>(
    options?: SoftDeleteOptions<H>,
  ): Field<Date, Date, 'null' | 'optional' | 'soft' | 'guarded' | Veiled<H>>
  /**
   * Turns optimistic locking on for the model. The field counts the writes of its row, from 1. A save or delete of an instance whose
   * row has another version throws `StaleModelError`.
   */
  version<H extends boolean | Mistake = false>(
    options?: VersionOptions<H>,
  ): Field<number, number, 'optional' | 'guarded' | Veiled<H>>
  /**
   * A country of ISO 3166-1, stored as its alpha-2 code. Its values are `Country` objects; you can assign and compare codes. Needs
   * `import 'corm/country'`.
   */
  country<
    N extends boolean | Mistake = false,
    D extends DefaultValue<Country | string> = never,
    B extends Country | string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    options?: FieldOptions<Country | string, N, D, B, E, G, P, H, Z> & CountryRules,
  ): Field<Country, Country | string, Marks<N, D, B, E, G, P, H, Z>>
  /**
   * A file. Assign the content: a `File` of a form, bytes, or a stream. `create` and `save` store it under a generated name, and the
   * column holds the name. The file is deleted after the row or its file has changed, or if the transaction is rolled back.
   * Needs `Database.configure({ files })` and the package `file-type`.
   *
   *     contract: Field.file({ uploadTo: 'contracts', types: ['application/pdf'], maxSize: 5_000_000 })
   */
  file: Maker<StoredFile, StoredFile | FileInput, FileRules>
  /** A file that must be an image, by its content. Needs the package `image-size` as well. */
  image: Maker<StoredFile, StoredFile | FileInput, ImageRules>
  /**
   * A list of values of one field: `tags: Field.array(Field.string({ max: 30 }), { max: 10 })`. It is an array of the database on
   * PostgreSQL, and JSON elsewhere. `contains` finds rows by their elements: `where('tags', 'contains', 'sql')`.
   */
  array: ArrayMaker
  /** Binary data. Its values are Uint8Array. */
  binary: Maker<Uint8Array, Uint8Array>
  /**
   * A vector with this number of dimensions, for `nearest`: `embedding: Field.vector(384, { index: { method: 'hnsw' } })`.
   * Its values are Float32Array. You can also assign arrays of numbers.
   */
  vector<
    N extends boolean | Mistake = false,
    D extends DefaultValue<VectorInput> = never,
    B extends VectorInput | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    H extends boolean | Mistake = false,
    Z extends boolean | Mistake = false,
  >(
    dimensions: number,
    options?: VectorOptions<N, D, B, E, G, H, Z>,
  ): Field<Float32Array, VectorInput, Marks<N, D, B, E, G, false, H, Z>>
  /**
   * A vector that follows the text of other fields: corm calls `embed` when one of them changes, and stores the vector with a
   * hash of the text and the name of the model. It is null for a row without text, and for a row that is not embedded yet.
   *
   *     embedding: Field.embedding(384, { from: ['title', 'body'], model: 'mini-v2', embed: (texts) => client.embed(texts) })
   */
  embedding<H extends boolean | Mistake = false, Z extends boolean | Mistake = false>(
    dimensions: number,
    options: EmbeddingOptions<H, Z>,
  ): Field<Float32Array, VectorInput, 'null' | 'optional' | 'guarded' | Veiled<H, Z>>
  /**
   * A password, of which corm stores only a hash (scrypt, or argon2id). Its value is a `PasswordHash` with `verify(text)`. It is
   * never in JSON, logs, events and errors, and conditions refuse it.
   */
  password<N extends boolean | Mistake = false, G extends boolean | Mistake = false>(
    options?: PasswordOptions<N, G>,
  ): Field<PasswordHash, PasswordHash | string, Marks<N, never, never, never, G, false, true, false, 'secret'>>
  /**
   * A value that is encrypted with AES-256-GCM before it is stored, and decrypted when it is read. It is hidden by default. With
   * `index`, equal values can be found: `where('phone', '+49…')`. Needs `Database.configure({ encryption })`.
   *
   *     phone: Field.encrypted(Field.tel({ nullable: true }), { index: true })
   */
  encrypted: EncryptedMaker
  /**
   * A foreign key: the primary key of a row of another model. `authorId: Field.foreignKey(() => Author)`.
   * The column has the type of the target's primary key. A `key` option with another type throws `DefinitionError`.
   */
  foreignKey: ForeignMaker
  /** A unique foreign key: at most one row can point to each row of the other model. */
  oneToOne: ForeignMaker
  /**
   * The two fields of a `morphTo` relation. For the name `commentable`, `commentableId` holds the primary key of a row and
   * `commentableType` the name of its model.
   *
   *     class Comment extends Model({ body: Field.text(), ...Field.morphs('commentable') }) { … }
   */
  morphs<const P extends string, K extends KeyType = 'integer', N extends boolean | Mistake = false>(
    name: P,
    options?: MorphFieldOptions<K, N>,
  ): MorphFields<P, K, N>
  /**
   * An attribute that code computes from other fields. It has no column. Reads call the function each time.
   *
   *     fullName: Field.computed((u: { first: string; last: string }) => `${u.first} ${u.last}`, { dependsOn: ['first', 'last'] })
   *
   * `toJSON()` and `toObject()` include it, and `select('fullName')` loads the fields of `dependsOn`. Queries can't use it
   * otherwise: use `annotate()` or the option `generated` there.
   */
  computed<T, D = {}, H extends boolean | Mistake = false>(
    compute: (instance: D) => T,
    options?: ComputedOptions<keyof D & string, H>,
  ): ComputedField<T, D, Veiled<H>>
  /**
   * An attribute that is never stored, such as a repeated password. Data can set it, and hooks can read it. It is undefined on
   * loaded instances. Give its type as type argument: `Field.virtual<string>()`.
   */
  virtual<T>(options: VirtualOptions & { hidden: true }): VirtualField<T, 'hidden'>
  virtual<T>(options?: VirtualOptions): VirtualField<T>
  /**
   * A text in several languages, each in a column of its own: with `base`, the first language has the column `title`, and the others
   * `title_fr` and `title_es`. Without, all have a suffix.
   *
   *     title: Field.translated(Field.string(), { locales: ['en', 'fr', 'es'], base: true })
   *
   * `post.title` is the text in the language of `withLocale`, or the first one that is there. `post.titleFr` is that of one language.
   */
  translated<T extends string, I, Facts, const L extends readonly string[]>(
    field: Field<T, I, Facts>,
    options: TranslatedOptions<L>,
  ): TranslatedField<T, I, Facts, L[number]>
  /** Defines a custom field type and returns a function that makes fields of this type. */
  custom<T, I = T>(definition: CustomField<T, I>): CustomMaker<T, I>
}

/** The type of `Field.foreignKey` and `Field.oneToOne`. */
// `object`, not a function type: else the thunk's body is looked at while the class is still being resolved
export type ForeignMaker = <
  K extends KeyType = 'integer',
  N extends boolean | Mistake = false,
  D extends DefaultValue<KeyValue> = never,
  B extends KeyValue | Sql = never,
  E extends Sql | Mistake = never,
  G extends boolean | Mistake = false,
  P extends boolean | Mistake = false,
  H extends boolean | Mistake = false,
  Z extends boolean | Mistake = false,
>(
  target: object,
  options?: FieldOptions<KeyNamed<K>, N, D, B, E, G, P, H, Z> & ForeignKeyRules<K>,
) => Field<KeyNamed<K>, KeyNamed<K>, Marks<N, D, B, E, G, P, H, Z, 'fk'>>
