import type { Decimal } from 'decimal.js'
import type { VectorInput, VectorMetric } from './call-options.js'
import type { Sql } from './expression.js'
import type { StandardSchema } from './schema.js'

/** What a field's `validate` may be: false or a text refuses the value, and so does a throw. It may be asynchronous. */
export type Validator<T> = ((value: T) => void | string | boolean | Promise<void | string | boolean>) | StandardSchema

/** Stands for an option whose value is wrong: it says nothing about the field, and no program could write it. */
export type Mistake = 'a mistake'
/** What `default` may be: a value, or a function that makes one. */
export type DefaultValue<T> = T | (() => T) | null

/** Options of fields that do not depend on their values. */
export interface CommonOptions {
  unique?: boolean
  index?: boolean
  /** The column's name. Default: the field's name in the model's naming. */
  column?: string
  /** Stays out of `toJSON` and `toObject`. */
  hidden?: boolean
  /** Is written on insert only. */
  readonly?: boolean
  /** Is not selected unless asked for: `select('body')`, `selectAll()`, `loadField('body')`. */
  lazy?: boolean
  description?: string
  /** Stores the generated value. Default false: it is computed on reading, where the database can. */
  stored?: boolean
  /** Allows an empty text where the field's own check would refuse it. */
  allowEmpty?: boolean
}

/** Options that every field has: `T` is its value, the others are what is written of single options. */
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
> extends CommonOptions {
  /** Allows null. Default false: NOT NULL. */
  nullable?: Nullable & boolean
  /** The value of a new instance, or a function that makes it. Objects are cloned per instance. */
  default?: Default
  /**
   * What the database puts into a row that brings nothing: a value, written as the column holds it; `'now'` in fields of
   * dates and times, `'uuid'` in those of UUIDs; or SQL, used as it is.
   */
  dbDefault?: DbDefault
  /** Makes it (part of) the primary key. */
  primaryKey?: Key & boolean
  /** The only values it may have. */
  choices?: readonly T[]
  /** A check on save, in addition to those of the field itself: a function, or a zod or other Standard Schema. */
  validate?: Validator<T>
  /** Is refused in data unless the call says `{ guarded: true }`; assignment in code works. */
  guarded?: Guarded & boolean
  /** The SQL expression of a generated column. */
  generated?: Generated & Sql
}

/** Values that a decimal field takes. */
export type DecimalInput = Decimal | number | string
/** Values that a key may have. */
export type KeyValue = number | string | bigint
/** What the database does with the rows that point to a deleted or changed one. Default `restrict`. */
export type ForeignAction = 'cascade' | 'restrict' | 'setNull' | 'setDefault' | 'noAction'

/** Options of `Field.bigInteger`. */
export interface BigIntegerOptions
  extends FieldOptions<bigint | number | string>,
    BigIntegerRules<'number' | 'string'> {}
/** What `Field.bigInteger` takes in addition. */
export interface BigIntegerRules<As> {
  /** What an instance holds. Default bigint; `number` refuses values beyond 2^53. */
  as?: As
}
/** Options of `Field.float`. */
export interface FloatOptions extends FieldOptions<number>, FloatRules {}
/** What `Field.float` takes in addition. */
export interface FloatRules {
  /** Default false. */
  allowNaN?: boolean
  /** Default false. */
  allowInfinity?: boolean
}

/** Options of `Field.boolean`. */
export interface BooleanOptions extends FieldOptions<boolean>, BooleanStorage {}
/** What `Field.boolean` takes in addition. */
export interface BooleanStorage {
  /** How another program keeps it in a file of SQLite. Default `integer`: 1 and 0. */
  storage?: 'integer' | 'text'
  /** The texts for true and false, with `storage: 'text'`. */
  words?: readonly [yes: string, no: string]
}

/** Options of `Field.date`. */
export interface DateOptions extends FieldOptions<string>, DateStorage {}
/** What `Field.date` takes in addition. */
export interface DateStorage {
  /** How another program keeps it in a file of SQLite. Default `text`: `YYYY-MM-DD`. */
  storage?: 'text' | 'milliseconds'
}

/** Options of `Field.decimal`. */
export interface DecimalOptions extends FieldOptions<DecimalInput>, DecimalRules<'string' | 'number'> {}
/** What `Field.decimal` takes in addition. */
export interface DecimalRules<As> {
  /** All digits. */
  precision?: number
  /** Digits after the point. */
  scale?: number
  /** What an instance holds. Default `Decimal`. */
  as?: As
  /** How another program keeps it in a file of SQLite: as a number, or as text. Default `scaled`: an integer, exact. */
  storage?: 'scaled' | 'numeric' | 'text'
}
/** Options of `Field.string` and `Field.text`. */
export interface StringOptions extends FieldOptions<string>, StringRules {}
/** What `Field.string` and `Field.text` take in addition. */
export interface StringRules {
  /** The most characters. */
  max?: number
  /** The fewest characters. */
  min?: number
  pattern?: RegExp
}

/** Options of `Field.uuid`. */
export interface UuidOptions extends FieldOptions<string>, UuidRules<boolean> {}
/** What `Field.uuid` takes in addition. */
export interface UuidRules<Auto> {
  /** Makes one for a new instance. Default false. */
  auto?: Auto & boolean
  /** 4 is random, 7 sorts by time. Default 4. */
  version?: 4 | 7
  /** How another program keeps it in a file of SQLite. Default `text`; `guid` is .NET's order of the 16 bytes. */
  storage?: 'text' | 'upper' | 'hex' | 'blob' | 'guid'
}

/** How another program keeps moments in a file of SQLite. */
export interface MomentStorage {
  /** Default `text`: `YYYY-MM-DD HH:MM:SS.fff`; `iso` has a `T` in its middle and a `Z` at its end; `julian` is a day number. */
  storage?: 'text' | 'iso' | 'milliseconds' | 'seconds' | 'julian'
  /** What stands behind a text. Default `Z` for `iso`, else nothing. */
  zone?: '' | 'Z' | '+00:00' | ' +00:00'
  /** Digits of the second in a text, 0 to 9. Default 3, or 6 with a precision above 3. */
  digits?: number
  /** A fraction of zeros alone is left out; `zeros`: the zeros at the end of each fraction are. Default false. */
  trim?: boolean | 'zeros'
}

/** Options of `Field.dateTime`. */
export interface DateTimeOptions
  extends FieldOptions<Date, boolean, DefaultValue<Date>, Date | 'now' | Sql>,
    DateTimeRules<boolean, boolean> {}
/** What `Field.dateTime` takes in addition. */
export interface DateTimeRules<AutoNow, AutoNowAdd> extends MomentStorage {
  /** Set on every save. */
  autoNow?: AutoNow & boolean
  /** Set on insert. */
  autoNowAdd?: AutoNowAdd & boolean
  /** Digits of the second, 0 to 6. Default 3. */
  precision?: number
}

/** Options of `Field.softDelete`. */
export interface SoftDeleteOptions
  extends Pick<FieldOptions<Date>, 'column' | 'index' | 'hidden' | 'guarded' | 'description'>,
    MomentStorage {
  /** Digits of the second, 0 to 6. Default 3. */
  precision?: number
}

/** Options of `Field.json`. */
export interface JsonOptions<T> extends CommonOptions {
  /** Allows null. Default false: NOT NULL. */
  nullable?: boolean
  /** The value of a new instance, or a function that makes it. Objects are cloned per instance. */
  default?: DefaultValue<T>
  /** What the database puts into a row that brings nothing: a value, or SQL, used as it is. */
  dbDefault?: T | Sql
  /** The only values it may have. */
  choices?: readonly T[]
  /** A check on save, in addition to those of the field itself: a function, or a zod or other Standard Schema. */
  validate?: Validator<T>
  /** Is refused in data unless the call says `{ guarded: true }`; assignment in code works. */
  guarded?: boolean
  /** The SQL expression of a generated column. */
  generated?: Sql
  /** Checks the value on save; it gives `T` when no type argument is written. */
  schema?: StandardSchema<T>
  /** The most bytes of JSON. Default 1 MiB. */
  maxSize?: number
  /** How another program keeps it in a file of SQLite: as text, or as the bytes of that text. Default `text`. */
  storage?: 'text' | 'blob'
}
/** The value that stands for JSON's null in a nullable JSON field, where null is SQL's NULL. */
export interface JsonNullValue {
  toJSON(): null
}
/** The index of a vector. */
export interface VectorIndexOptions {
  /** Default `hnsw`. */
  method?: 'hnsw' | 'ivfflat'
  /** What `nearest` compares by. Default `cosine`. */
  metric?: VectorMetric
  /** Of hnsw: neighbours of each row. */
  m?: number
  /** Of hnsw: candidates while it is built. */
  efConstruction?: number
  /** Of hnsw: candidates of a search. More find more of the nearest, and take longer. */
  efSearch?: number
  /** Of ivfflat: the lists that rows are put in. */
  lists?: number
  /** Of ivfflat: lists that a search reads. */
  probes?: number
}
/** Options of `Field.vector`. */
export interface VectorOptions<
  Nullable extends boolean | Mistake = boolean,
  Default = DefaultValue<VectorInput>,
  DbDefault = VectorInput | Sql,
  Generated = Sql,
  Guarded extends boolean | Mistake = boolean,
> extends Omit<
    FieldOptions<VectorInput, Nullable, Default, DbDefault, Generated, Guarded, false>,
    'index' | 'unique' | 'primaryKey' | 'choices' | 'allowEmpty'
  > {
  /** An index, where the database has one; elsewhere rows are compared one by one. */
  index?: boolean | VectorIndexOptions
}
/** The types that keys may have. */
export type KeyType = 'integer' | 'bigint' | 'uuid' | 'string'
/** Options of `Field.foreignKey` and `Field.oneToOne`. */
export interface ForeignKeyOptions extends FieldOptions<KeyValue>, ForeignKeyRules<KeyType> {}
/** What `Field.foreignKey` and `Field.oneToOne` take in addition. */
export interface ForeignKeyRules<Key> {
  /** The type of the target's key. Default: a number; the types cannot see the target here. */
  key?: Key
  /** Default `restrict`. */
  onDelete?: ForeignAction
  /** Default `restrict`. */
  onUpdate?: ForeignAction
}
/** Options of `Field.morphs`. */
export interface MorphFieldOptions<Key extends KeyType = KeyType, Nullable extends boolean | Mistake = boolean> {
  /** The type of the keys it holds. Default: a number. */
  key?: Key
  /** Allows both to be null. Default false. */
  nullable?: Nullable & boolean
}
