import { UndefinedValueError, UsageError } from '../../errors.js'
import { chunked } from '../../util/chunk.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord, isRecord } from '../../util/record.js'
import type { ModelField } from '../model-field.js'
import { comparerOf, comparisonFormOf, identityBy } from './comparison.js'

/** What a database takes of keys in one statement; the capabilities of a dialect say it. */
export interface KeyLimits {
  readonly listParameter: boolean
  readonly maxParameters: number
  readonly maxAlternatives: number
}

/** A key as its users write it: one value, or an object of several by their names. */
export function formOfEntries(entries: readonly (readonly [name: string, value: unknown])[]): unknown {
  return entries.length === 1 ? entries[0]?.[1] : Object.fromEntries(entries)
}

/**
 * Fields that identify rows, or by which rows of two models meet. A key has one value for each field; `form` is what users
 * write for it. Two keys are equal if the database stores the same value for them.
 */
export class Key {
  static readonly #known = new WeakMap<readonly ModelField[], Key>()
  #identity: ((values: readonly unknown[]) => unknown) | undefined
  #stored: ((values: readonly unknown[]) => unknown) | undefined

  /** `others`: fields that hold the same keys, of which values are compared with those of these fields. */
  constructor(
    readonly fields: readonly ModelField[],
    private readonly others: readonly ModelField[] = fields,
  ) {}

  /** The same for the same list of fields. */
  static of(fields: readonly ModelField[]): Key {
    return memo(Key.#known, fields, (list) => new Key(list))
  }

  /** The names of the fields, as messages have them. */
  get names(): string {
    return this.fields.map((field) => field.name).join(', ')
  }

  /** The key that an instance has, or data. What is not there is undefined. */
  valuesIn(row: object): unknown[] {
    return this.fields.map((field) => asRecord(row)[field.name])
  }

  /** The same of a row with the canonical values of all fields. */
  valuesInRow(row: readonly unknown[]): unknown[] {
    return this.fields.map(({ index }) => row[index])
  }

  /** The same of a key that was given in its form. */
  valuesOf(form: unknown): unknown[] {
    return this.fields.length === 1
      ? [form]
      : this.fields.map((field) => (isRecord(form) ? form[field.name] : undefined))
  }

  formOf(values: readonly unknown[]): unknown {
    return formOfEntries(this.fields.map((field, i) => [field.name, values[i]]))
  }

  formIn(row: object): unknown {
    return formOfEntries(this.fields.map((field) => [field.name, asRecord(row)[field.name]]))
  }

  /** What keys have in common with their equals, and with no others; undefined: a part is null or missing. */
  identityOf(values: readonly unknown[]): unknown {
    this.#identity ??= identityBy(this.fields.map((field, i) => comparisonFormOf(field, at(this.others, i))))
    return this.#identity(values)
  }

  identityIn(row: object): unknown {
    return this.identityOf(this.valuesIn(row))
  }

  /** The same of canonical values, as databases hold them. */
  identityOfStored(values: readonly unknown[]): unknown {
    this.#stored ??= identityBy(this.fields.map((field, i) => comparerOf(field, at(this.others, i))))
    return this.#stored(values)
  }

  /** Keys in parts that one statement can name each: one field as a list, several as alternatives. */
  chunks<T>(keys: readonly T[], limits: KeyLimits, most = Number.POSITIVE_INFINITY): readonly (readonly T[])[] {
    const own = this.fields.length === 1 ? this.#listed(limits) : this.#alternatives(limits)
    return chunked(keys, Math.min(most, own))
  }

  /** The same where each field has a list of its own. */
  listChunks<T>(keys: readonly T[], limits: KeyLimits): readonly (readonly T[])[] {
    return chunked(keys, this.#listed(limits))
  }

  /** Half of the parameters: lists are filled up to lengths that have few texts, and a statement has other values too. */
  #listed({ listParameter, maxParameters }: KeyLimits): number {
    return listParameter ? Number.POSITIVE_INFINITY : this.#within(maxParameters)
  }

  #alternatives({ maxParameters, maxAlternatives }: KeyLimits): number {
    return Math.min(maxAlternatives, this.#within(maxParameters))
  }

  #within(maxParameters: number): number {
    return Math.max(1, Math.floor(maxParameters / 2 / this.fields.length))
  }
}

/** The key of a model. */
export class PrimaryKey extends Key {
  constructor(
    readonly modelName: string,
    fields: readonly ModelField[],
  ) {
    super(fields)
  }

  /** The values of a key that a caller gave. */
  read(form: unknown): unknown[] {
    const { fields, modelName } = this
    if (fields.length === 0)
      throw new UsageError(
        `"${modelName}" has no primary key, which this call needs. Set { primaryKey: true } on a field, or search with where().`,
      )
    if (fields.length > 1) this.#refuseOther(form)
    const values = this.valuesOf(form)
    for (const value of values) this.#refusePart(value)
    return values
  }

  /** The key of an instance that must have one. */
  valuesOfSaved(instance: object): unknown[] {
    const values = this.valuesIn(instance)
    if (values.some((value) => value === undefined || value === null))
      throw new UsageError(`This "${this.modelName}" has no key yet. Save it first.`)
    return values
  }

  #refuseOther(form: unknown): void {
    if (!isPlainObject(form)) throw new UsageError(`The key of "${this.modelName}" is an object of ${this.names}.`)
    for (const name of Object.keys(form))
      if (!this.fields.some((field) => field.name === name))
        throw new UsageError(
          `"${name.slice(0, 60)}" is not part of the key of "${this.modelName}", which is ${this.names}.`,
        )
  }

  #refusePart(value: unknown): void {
    if (value === undefined)
      throw new UndefinedValueError(
        `The key of "${this.modelName}" is undefined. It is often a misspelt property, or an instance that is not saved.`,
      )
    if (value === null)
      throw new UsageError(
        `The key of "${this.modelName}" is null, which no row has. Check it before the call, or search with where().`,
      )
    if (Array.isArray(value) || isPlainObject(value))
      throw new UsageError(`The key of "${this.modelName}" must be a single value.`)
  }
}
