import { isDeepStrictEqual } from 'node:util'
import { nodeOf } from '../ast/brand.js'
import { type DataType, holdsIntegers, type Languages, type ValueType } from '../ast/data-type.js'
import type { MadeDefault } from '../ast/definition.js'
import type { ExpressionNode } from '../ast/expression.js'
import { DefinitionError, ValidationError } from '../errors.js'
import type { FieldDescriptor, FieldKind, Refuse } from '../field/kind.js'
import { checkFieldOptions, type FieldOptions } from '../field/options.js'
import { own } from '../util/own.js'

/** corm sets the value: a time of saving or deletion, or the version of the row. */
const setsItself = ({ type, options }: FieldDescriptor): boolean =>
  type === 'softDelete' || type === 'version' || options.autoNow === true || options.autoNowAdd === true

/** Which field of which model it is. */
type FieldPlace = Pick<ModelField, 'modelName' | 'table' | 'name' | 'column' | 'index'> & {
  /** Whether the table has no primary key, so that what stands for it may be null. */
  readonly keyless: boolean
}

/** What the kind of a field depends on in other models. */
interface OutsideModel {
  /** The kind of the key that a foreign key references. */
  targetKind(field: ModelField): FieldKind
  /** The names that the relations of a morph type list; null: no relation reads it. */
  morphNames(field: ModelField): ReadonlySet<string> | null
}

/** For a field whose kind is complete. */
const ALONE: OutsideModel = {
  targetKind: () => standsAlone(),
  morphNames: () => standsAlone(),
}

function standsAlone(): never {
  throw new TypeError('the kind of this field depends on no other model')
}

/** A field bound to its model: a name, a column, a place in the row. It is the value type of its column. */
export class ModelField implements ValueType {
  readonly modelName: string
  readonly table: string
  readonly name: string
  readonly column: string
  /** Its position among the model's fields, and in a full row. */
  readonly index: number
  readonly nullable: boolean
  readonly hidden: boolean
  readonly guarded: boolean
  /** Written on insert only. */
  readonly readonly: boolean
  readonly lazy: boolean
  readonly primaryKey: boolean
  readonly unique: boolean
  readonly dbDefault: ExpressionNode | MadeDefault | null
  readonly generated: ExpressionNode | null
  /** Has a value when `create` is given none. */
  readonly hasDefault: boolean
  /** Set for the type of a translated field. */
  readonly languages: Languages | undefined = undefined
  /** The column by which an encrypted field is found, as soon as the model is complete. */
  blindIndex: ModelField | null = null
  /** The encrypted field that this column finds. */
  indexOf: ModelField | null = null
  #kind: FieldKind | undefined

  constructor(
    { modelName, table, name, column, index, keyless }: FieldPlace,
    readonly descriptor: FieldDescriptor,
    private readonly outside = ALONE,
  ) {
    this.modelName = modelName
    this.table = table
    this.name = name
    this.column = column
    this.index = index
    const { options } = descriptor
    this.#checkOptions(keyless)
    this.nullable = options.nullable === true
    this.hidden = options.hidden === true
    this.lazy = options.lazy === true
    this.primaryKey = options.primaryKey === true
    this.readonly = options.readonly === true || this.primaryKey
    this.unique = options.unique === true || descriptor.reference?.unique === true
    this.dbDefault = databaseDefault(this)
    this.generated = generatedBy(this)
    this.guarded = options.guarded === true || this.generated !== null || setsItself(descriptor)
    this.hasDefault = Object.hasOwn(options, 'default')
    if (this.hasDefault) checkDefault(this, options.default)
  }

  /** Whether it counts the writes of its row. */
  get isVersion(): boolean {
    return this.descriptor.type === 'version'
  }

  get options(): FieldOptions {
    return this.descriptor.options
  }

  get kind(): FieldKind {
    if (this.#kind === undefined) {
      const { kind } = this.descriptor
      const place = `${this.table}.${this.column}`
      const { outside } = this
      const context = {
        place,
        targetKind: () => outside.targetKind(this),
        morphNames: () => outside.morphNames(this),
      }
      const made = typeof kind === 'function' ? kind(context) : kind
      const dataType = own(made.dataType)
      const { sql } = this.options
      this.#kind = own({ ...made, dataType: sql === undefined ? dataType : own({ ...dataType, sql }) })
    }
    return this.#kind
  }

  get dataType(): DataType {
    return this.kind.dataType
  }

  /** Its values are whole numbers, held as they are stored. */
  get holdsIntegers(): boolean {
    return holdsIntegers(this.dataType) && this.kind.snapshot === 'value'
  }

  get load(): FieldKind['load'] {
    return this.kind.load
  }

  get nullIsValue(): boolean {
    return this.kind.nullIsValue === true
  }

  /** The database makes the value of a row that brings none. */
  get filledByDatabase(): boolean {
    return this.generated !== null || this.dbDefault !== null || this.dataType.autoIncrement === true
  }

  check(value: unknown): unknown {
    return this.kind.check(value, this.refuse)
  }

  readonly refuse: Refuse = (code, message, place) => {
    const path = place === undefined ? this.name : `${this.name}.${place}`
    throw new ValidationError(this.modelName, [{ path, code, message }])
  }

  toString(): string {
    return `"${this.modelName}.${this.name}"`
  }

  #checkOptions(keyless: boolean): void {
    const { options, extraOptions } = this.descriptor
    checkFieldOptions(`${this}`, extraOptions, options)
    if (options.primaryKey === true && options.nullable === true && !keyless)
      throw new DefinitionError(`${this} is a primary key and can't be nullable. Remove one of the two.`)
    if (options.primaryKey === true && options.lazy === true)
      throw new DefinitionError(`${this} is a primary key and can't be lazy: corm needs it of each row. Remove "lazy".`)
    const automatic = (['autoNow', 'autoNowAdd'] as const).find((name) => options[name] === true)
    if (automatic !== undefined && options.default !== undefined)
      throw new DefinitionError(`${this} has both "${automatic}" and "default". Remove one of the two.`)
    if (options.default === null && options.nullable !== true && this.descriptor.type !== 'json')
      throw new DefinitionError(
        `${this} has the default null but is not nullable. Add { nullable: true }, or another default.`,
      )
    this.#checkNumbered(options)
    this.#checkGenerated(options)
  }

  #checkNumbered({ autoIncrement, ...others }: FieldOptions): void {
    if (autoIncrement !== true) return
    const other = (['nullable', 'default', 'dbDefault', 'generated'] as const).find(
      (name) => others[name] !== undefined && others[name] !== false,
    )
    if (other !== undefined)
      throw new DefinitionError(
        `${this} has "autoIncrement": the database numbers each row, so it can't have "${other}". Remove one of the two.`,
      )
  }

  #checkGenerated({ generated, stored, ...others }: FieldOptions): void {
    if (generated === undefined) {
      if (stored === undefined) return
      throw new DefinitionError(
        `${this} has "stored", which is an option of generated columns. Add { generated: sql\`…\` }.`,
      )
    }
    const other = (['default', 'dbDefault', 'primaryKey', 'autoNow', 'autoNowAdd', 'auto'] as const).find(
      (name) => others[name] !== undefined && others[name] !== false,
    )
    if (other !== undefined)
      throw new DefinitionError(
        `${this} is generated by the database, so it can't have "${other}". Remove one of the two.`,
      )
  }
}

/** Whether its values take work before they can be stored. */
export function takesWork({ descriptor: { kind } }: ModelField): boolean {
  return typeof kind !== 'function' && Object.hasOwn(kind, 'prepare')
}

function generatedBy(field: ModelField): ExpressionNode | null {
  const value = field.options.generated
  if (value === undefined) return null
  const node = nodeOf(value)
  if (node === undefined || node.kind === 'order')
    throw new DefinitionError(`${field} needs SQL for "generated": { generated: sql\`…\` }.`)
  return node
}

/** The kinds of fields whose default the database can make itself. */
const MADE: Readonly<Record<string, MadeDefault>> = own({ date: 'now', time: 'now', dateTime: 'now', uuid: 'uuid' })

/** What a default of this type may name, that the database makes. */
export const madeBy = ({ name }: DataType): MadeDefault | undefined => MADE[name]

/** SQL as it is, a value in the form that the column has, or what the database makes. */
function databaseDefault(field: ModelField): ExpressionNode | MadeDefault | null {
  const value = field.options.dbDefault
  if (value === undefined) return null
  const node = nodeOf(value)
  if (node !== undefined && node.kind !== 'order') return node
  const { type, kind } = field.descriptor
  if (value === MADE[type]) return MADE[type]
  if (node !== undefined || typeof value === 'function')
    throw new DefinitionError(
      `${field} takes a value, 'now', 'uuid' or SQL for "dbDefault". What the program makes is a "default".`,
    )
  // a key's type is that of its target, which is not known yet
  if (typeof kind !== 'function') checkDatabaseDefault(field, value)
  return { kind: 'parameter', type: field, value: value }
}

function checkDatabaseDefault(field: ModelField, value: unknown): void {
  if (value !== null || field.nullIsValue) return requireHeld(field, 'dbDefault', () => field.check(value))
  throw new DefinitionError(`${field} has null as its "dbDefault". Leave it out: a column without one is null.`)
}

/** Fields whose values are made by code of the user's, or by another entry point. */
const SETTLED_LATER: ReadonlySet<string> = new Set(['custom', 'country'])

/** Refuses a default that no save would accept. */
function checkDefault(field: ModelField, value: unknown): void {
  const { type, kind: made, options } = field.descriptor
  // a key's type is not known yet
  if (value === null || typeof value === 'function' || typeof made === 'function') return
  const { kind } = field
  // these take work, settings or code of the user's
  if (kind.plain !== undefined || kind.file !== undefined || takesWork(field) || SETTLED_LATER.has(type)) return
  requireHeld(field, 'default', () => {
    const stored = (given: unknown) => field.check(kind.cast === undefined ? given : kind.cast(given))
    const held = stored(value)
    if (options.allowEmpty !== true || value !== '')
      kind.rules?.(kind.cast === undefined ? value : kind.cast(value), (code, message) => field.refuse(code, message))
    if (options.choices?.every((each) => !isDeepStrictEqual(stored(each), held)) === true)
      field.refuse('choice', 'is not one of its "choices"')
  })
}

function requireHeld(field: ModelField, option: 'default' | 'dbDefault', check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw new DefinitionError(
      `${field} can't hold its "${option}": it ${error.issues.map(({ message }) => message).join('; ')}.`,
      { cause: error },
    )
  }
}
