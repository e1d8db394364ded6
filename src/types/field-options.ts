import type { Decimal } from 'decimal.js'
import type { Sql } from './expression.js'
import type { StandardSchema } from './schema.js'

/** A check of a value: a function or a Standard Schema. A function refuses the value if it returns false or a text, or throws. */
export type Validator<T> = ((value: T) => void | string | boolean | Promise<void | string | boolean>) | StandardSchema

/** The type of an option with a wrong value. No program can write this value. */
export type Mistake = 'a mistake'
/** A default: a value, or a function that returns one. */
export type DefaultValue<T> = T | (() => T) | null

/** The options of fields that do not depend on the type of their values. */
export interface CommonOptions {
  /** Adds a unique constraint. Default false. */
  unique?: boolean
  /** Adds an index. Default false, but true for foreign keys. */
  index?: boolean
  /** The name of the column. Default: the name of the field, converted by the model's `naming` (snake_case). */
  column?: string
  /**
   * The SQL type of the column, used unchanged: `'char(2)'`. Default: the type that fits the field. With it, enums and booleans have no
   * check in the database. `''` is a column of SQLite without a type.
   */
  sql?: string
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: boolean
  /** corm writes the field on insert only. Default false. */
  readonly?: boolean
  /** Queries select the field on request only: `select('body')`, `selectAll()`, `loadField('body')`. Default false. */
  lazy?: boolean
  /** The comment of the column in the database. */
  description?: string
  /** The former name of the field or of its column: a migration then renames the column. Older databases are renamed in turn. */
  renamedFrom?: string
  /** Stores the value of a `generated` column. Default false: the database computes it on reading, if it can. */
  stored?: boolean
  /** Allows an empty text even if another rule of the field would refuse it. Default false. */
  allowEmpty?: boolean
}

/** The options of every field. `T` is the type of its values. The other type parameters are inferred from single options. */
// Type parameters, inferred from the call option by option: calls that say the same share their types, and an unknown option is an
// error as in any literal.
export interface FieldOptions<
  T,
  Nullable extends boolean | Mistake = boolean,
  Default = DefaultValue<T>,
  DbDefault = T | Sql,
  Generated = Sql,
  Guarded extends boolean | Mistake = boolean,
  Key extends boolean | Mistake = boolean,
  Hidden extends boolean | Mistake = boolean,
  Lazy extends boolean | Mistake = boolean,
> extends CommonOptions {
  /** Allows null. Default false: NOT NULL. */
  nullable?: Nullable & boolean
  /** The value of a new instance, or a function that returns it. corm clones objects for each instance. */
  default?: Default
  /**
   * The DEFAULT of the column in the database: a value, `'now'` for dates and times, `'uuid'` for UUIDs, or raw SQL that
   * returns what the column stores.
   */
  dbDefault?: DbDefault
  /** Makes the field the primary key, or a part of it. Default false. */
  primaryKey?: Key & boolean
  /** The only values that are allowed. */
  choices?: readonly T[]
  /** An additional check on save: a function, or a schema of zod or another Standard Schema library. */
  validate?: Validator<T>
  /** Refuses the field in data unless the call passes `{ guarded: true }`. Assigning the property works. Default false. */
  guarded?: Guarded & boolean
  /** Makes a generated column from this SQL expression. */
  generated?: Generated & Sql
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: Hidden & boolean
  /** Queries select the field on request only: `select('body')`, `selectAll()`, `loadField('body')`. Default false. */
  lazy?: Lazy & boolean
}

/** The limits of a field whose values have an order. */
export interface Limits<T> {
  /** The least value. corm checks it on save. */
  min?: T
  /** The greatest value. corm checks it on save. */
  max?: T
}

/** The values that you can assign to a decimal field. */
export type DecimalInput = Decimal | number | string
/** The values that a key can have. */
export type KeyValue = number | string | bigint
/** What the database does with rows whose foreign key points to a deleted or changed row. Default `restrict`. */
export type ForeignAction = 'cascade' | 'restrict' | 'setNull' | 'setDefault' | 'noAction'

/** Options of `Field.array`. `T` is the type of an element. */
export interface ArrayOptions<
  T,
  N extends boolean | Mistake = boolean,
  D = DefaultValue<readonly T[]>,
  B = readonly T[] | Sql,
  E = Sql,
  G extends boolean | Mistake = boolean,
  H extends boolean | Mistake = boolean,
  Z extends boolean | Mistake = boolean,
> extends Omit<FieldOptions<readonly T[], N, D, B, E, G, false, H, Z>, 'choices' | 'allowEmpty' | 'primaryKey'> {
  /** The least number of elements. */
  min?: number
  /** The greatest number of elements. */
  max?: number
}

/** Options of `Field.bigInteger`. */
export interface BigIntegerOptions
  extends FieldOptions<bigint | number | string>,
    BigIntegerRules<'number' | 'string', boolean> {}
/** What only integers have. */
export interface NumberedRules<AutoIncrement> {
  /**
   * The database numbers new rows, in a column that is not the primary key by itself. Default false. MariaDB and MySQL need an index
   * that begins with the field. SQLite numbers only `Field.id()` and `Field.bigId()`.
   */
  autoIncrement?: AutoIncrement & boolean
}
/** Options of `Field.integer`. */
export interface IntegerOptions extends FieldOptions<number>, IntegerRules<boolean> {}
/** The additional options of `Field.integer`. */
export interface IntegerRules<AutoIncrement> extends Limits<number>, NumberedRules<AutoIncrement> {}
/** The additional options of `Field.bigInteger`. */
export interface BigIntegerRules<As, AutoIncrement>
  extends Limits<bigint | number | string>,
    NumberedRules<AutoIncrement> {
  /** The type of the values. Default: bigint. `'number'` refuses values beyond 2^53. */
  as?: As
}
/** Options of `Field.float`. */
export interface FloatOptions extends FieldOptions<number>, FloatRules {}
/** The additional options of `Field.float`. */
export interface FloatRules extends Limits<number> {
  /** Allows NaN. Default false. */
  allowNaN?: boolean
  /** Allows Infinity and -Infinity. Default false. */
  allowInfinity?: boolean
}

/** Options of `Field.boolean`. */
export interface BooleanOptions extends FieldOptions<boolean>, BooleanStorage {}
/** The additional options of `Field.boolean`. */
export interface BooleanStorage {
  /** How another program stores the values in an SQLite file. Default `integer`: 1 and 0. */
  storage?: 'integer' | 'text'
  /** The texts for true and false if `storage` is `'text'`. */
  words?: readonly [yes: string, no: string]
}

/** Options of `Field.date`. */
export interface DateOptions extends FieldOptions<string>, DateStorage {}
/** The additional options of `Field.date`. */
export interface DateStorage extends Limits<string> {
  /** How another program stores the values in an SQLite file. Default `text`: `YYYY-MM-DD`. */
  storage?: 'text' | 'milliseconds'
}

/** Options of `Field.decimal`. */
export interface DecimalOptions extends FieldOptions<DecimalInput>, DecimalRules<'string' | 'number'> {}
/** The additional options of `Field.decimal`. */
export interface DecimalRules<As> extends Limits<DecimalInput> {
  /** The number of digits, 1 to 65. Default 18. */
  precision?: number
  /** The number of digits after the point, 0 to 30, at most `precision`. Default 4. */
  scale?: number
  /** The type of the values. Default: `Decimal`. */
  as?: As
  /** How another program stores the values in an SQLite file: as a number or as text. Default `scaled`: an exact integer. */
  storage?: 'scaled' | 'numeric' | 'text'
}
/** Options of `Field.string` and `Field.text`. */
export interface StringOptions extends FieldOptions<string>, StringRules {}
/** The additional options of `Field.string` and `Field.text`. */
export interface StringRules {
  /** The maximum number of characters. Default: 255 for `Field.string`, no limit for `Field.text`. */
  max?: number
  /** The minimum number of characters. */
  min?: number
  /** A regular expression that the text must match. Its issue does not show it: to say what the format is, use `validate`. */
  pattern?: RegExp
}

/** The additional options of `Field.text`. */
export interface TextRules extends StringRules {
  /**
   * Marks the text as HTML from an editor, for the programs that read the model, such as admin pages. The JSON Schema of the field has
   * `contentMediaType: 'text/html'`. corm stores the text as it is and removes nothing from it. Default false.
   */
  richText?: boolean
}

/** Options of `Field.slug`. */
export interface SlugOptions extends FieldOptions<string>, SlugRules<string | readonly string[]> {}
/** The additional options of `Field.slug`. */
export interface SlugRules<From> {
  /** The maximum number of characters. Default 255. */
  max?: number
  /** The minimum number of characters. */
  min?: number
  /** The field, or the fields, that a new row's slug is made of if the data have none. */
  from?: From
  /** Makes the slug again when one of these fields changes. Default false: links to the row stay valid. */
  onUpdate?: boolean
  /** Makes the slug of a text. Default: the package `@sindresorhus/slugify`, which has to be installed. */
  slugify?: (text: string) => string
}
/** Options of `Field.tel`. */
export interface TelOptions extends FieldOptions<string>, TelRules {}
/** The additional options of `Field.tel`. */
export interface TelRules {
  /** The ISO 3166-1 code of the country whose numbers need no country code, such as `'DE'`. */
  country?: string
}
/** Options of `Field.uuid`. */
export interface UuidOptions extends FieldOptions<string>, UuidRules<boolean> {}
/** The additional options of `Field.uuid`. */
export interface UuidRules<Auto> {
  /** Generates a UUID for a new row. Default false. */
  auto?: Auto & boolean
  /** The version of generated UUIDs: 4 is random, 7 sorts by time. Default 4. */
  version?: 4 | 7
  /** How another program stores the values in an SQLite file. Default `text`. `guid` is .NET's order of the 16 bytes. */
  storage?: 'text' | 'upper' | 'hex' | 'blob' | 'guid'
}

/** How another program stores dates with time in an SQLite file. */
export interface MomentStorage {
  /** Default `text`: `YYYY-MM-DD HH:MM:SS.fff`. `iso` is `YYYY-MM-DDTHH:MM:SS.fffZ`. `julian` is a Julian day number. */
  storage?: 'text' | 'iso' | 'milliseconds' | 'seconds' | 'julian'
  /** The time zone suffix of a text. Default: `Z` for `iso`, none for `text`. */
  zone?: '' | 'Z' | '+00:00' | ' +00:00'
  /** The number of fractional digits of the second in a text, 0 to 9. Default: 3, or 6 if `precision` is above 3. */
  digits?: number
  /** `true` leaves out a fraction that is all zeros. `'zeros'` leaves out trailing zeros of every fraction. Default false. */
  trim?: boolean | 'zeros'
}

/** Options of `Field.dateTime`. */
export interface DateTimeOptions
  extends FieldOptions<Date, boolean, DefaultValue<Date>, Date | 'now' | Sql>,
    DateTimeRules<boolean, boolean> {}
/** The additional options of `Field.dateTime`. */
export interface DateTimeRules<AutoNow, AutoNowAdd> extends MomentStorage, Limits<Date> {
  /** corm sets the field to the current time on every save. Default false. */
  autoNow?: AutoNow & boolean
  /** corm sets the field to the current time on insert. Default false. */
  autoNowAdd?: AutoNowAdd & boolean
  /** The number of fractional digits of the second, 0 to 6. Default 3. */
  precision?: number
}

/** Options of `Field.softDelete`. */
export interface SoftDeleteOptions<Hidden extends boolean | Mistake = boolean>
  extends Pick<FieldOptions<Date>, 'column' | 'index' | 'guarded' | 'description' | 'renamedFrom'>,
    MomentStorage {
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: Hidden & boolean
  /** The number of fractional digits of the second, 0 to 6. Default 3. */
  precision?: number
}

/** Options of `Field.version`. */
export interface VersionOptions<Hidden extends boolean | Mistake = boolean>
  extends Pick<FieldOptions<number>, 'column' | 'description' | 'renamedFrom'> {
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: Hidden & boolean
}

/** Options of `Field.json`. */
export interface JsonOptions<T> extends CommonOptions {
  /** Allows null. Default false: NOT NULL. */
  nullable?: boolean
  /** The value of a new instance, or a function that returns it. corm clones objects for each instance. */
  default?: DefaultValue<T>
  /** The DEFAULT of the column in the database: a value, or raw SQL. */
  dbDefault?: T | Sql
  /** The only values that are allowed. */
  choices?: readonly T[]
  /** An additional check on save: a function, or a schema of zod or another Standard Schema library. */
  validate?: Validator<T>
  /** Refuses the field in data unless the call passes `{ guarded: true }`. Assigning the property works. Default false. */
  guarded?: boolean
  /** Makes a generated column from this SQL expression. */
  generated?: Sql
  /** A Standard Schema that checks the value on save. Without a type argument, `T` is the type of its output. */
  schema?: StandardSchema<T>
  /** The maximum size of the JSON text in bytes. Default: 1 MiB. */
  maxSize?: number
  /** How another program stores the values in an SQLite file: as text, or as the bytes of this text. Default `text`. */
  storage?: 'text' | 'blob'
}
/** The type of `JsonNull`: JSON null in a nullable JSON field, where `null` means SQL NULL. */
export interface JsonNullValue {
  toJSON(): null
}
/** Options of `Field.password`. */
export interface PasswordOptions<
  Nullable extends boolean | Mistake = boolean,
  Guarded extends boolean | Mistake = boolean,
> extends Pick<FieldOptions<string>, 'column' | 'readonly' | 'lazy' | 'description' | 'renamedFrom'> {
  /** The minimum number of characters. Default 1. */
  min?: number
  /** How corm hashes. Default `scrypt`. `argon2id` needs Node 24.7 or later. Hashes of both can be verified. */
  algorithm?: 'scrypt' | 'argon2id'
  /** Allows null. Default false: NOT NULL. */
  nullable?: Nullable & boolean
  /** Refuses the field in data unless the call passes `{ guarded: true }`. Assigning the property works. Default false. */
  guarded?: Guarded & boolean
}
/** The value of a `Field.password`: the hash of a password, or a password that is hashed when it is saved. It shows neither. */
export interface PasswordHash {
  /** Whether this is the password. Takes about 0.2 seconds, in a thread of its own. */
  verify(text: string): Promise<boolean>
  /**
   * Whether the hash is weaker than a new one would be. Save the password again after the next `verify()`:
   * `if (user.password.needsRehash) await user.update({ password: text })`.
   */
  readonly needsRehash: boolean
}
/** The types that keys can have. */
export type KeyType = 'integer' | 'bigint' | 'uuid' | 'string'
/** Options of `Field.foreignKey` and `Field.oneToOne`. */
export interface ForeignKeyOptions extends FieldOptions<KeyValue>, ForeignKeyRules<KeyType> {}
/** The additional options of `Field.foreignKey` and `Field.oneToOne`. */
export interface ForeignKeyRules<Key> {
  /** The TypeScript type of the target's primary key. Default: a number. Set it for other types of keys. */
  key?: Key
  /** What happens to this row when the row that it points to is deleted. Default `restrict`. */
  onDelete?: ForeignAction
  /** What happens to this row when the key that it points to changes. Default `restrict`. */
  onUpdate?: ForeignAction
  /**
   * Checks the key when the transaction commits, so that rows that point to each other can be inserted in any order. `onDelete`
   * and `onUpdate` are `noAction` by default then. MySQL and MariaDB have no such keys. Default false.
   */
  deferrable?: boolean
  /** The name of the constraint. Default: made of the table and the column. */
  name?: string
}
/** Options of `Field.morphs`. */
export interface MorphFieldOptions<Key extends KeyType = KeyType, Nullable extends boolean | Mistake = boolean> {
  /** The type of the primary keys that the field holds. Default: `'integer'`. */
  key?: Key
  /** Allows null in both fields. Default false. */
  nullable?: Nullable & boolean
}
/** Options of `Field.translated`. */
export interface TranslatedOptions<L extends readonly string[] = readonly string[]> {
  /** The languages, such as `['en', 'fr', 'pt-BR']`. With `base`, the first of them has the column without a suffix. */
  locales: L
  /** Gives the first language the column without a suffix, which also holds texts in languages without a column. Default false. */
  base?: boolean
  /**
   * `'shown'` indexes what conditions and orders by the field read, with one index for each language. On MariaDB the table gets a
   * hidden column for each. Throws `UnsupportedError` when the table is created on MySQL before 8.0.13, and for long texts on MySQL.
   */
  index?: 'shown'
}
/** Options of `Field.virtual`. */
export interface VirtualOptions {
  /** Leaves the attribute out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: boolean
  /** What the attribute is for. */
  description?: string
}
/** Options of `Field.computed`. */
export interface ComputedOptions<Name extends string = string, Hidden extends boolean | Mistake = boolean> {
  /** The names of the fields that the function reads. Default: any of the fields that are not lazy. */
  dependsOn?: readonly Name[]
  /** Leaves the attribute out of `toJSON` and `toObject`. Default false. */
  hidden?: Hidden & boolean
  /** What the attribute is for. */
  description?: string
}
