import { DefinitionError, UnknownFieldError } from '../errors.js'
import { AttributeDescriptor } from '../field/attribute.js'
import { FieldDescriptor, type FieldKind } from '../field/kind.js'
import type { KeyType } from '../types/field-options.js'
import { copyHint } from '../util/copies.js'
import { suggestion } from '../util/names.js'
import { own } from '../util/own.js'
import { attributesOf, type ModelAttribute } from './attribute.js'
import { refuseMadeName } from './class-name.js'
import { RelationDescriptor } from './descriptor.js'
import { PrimaryKey } from './key/key.js'
import { ModelField } from './model-field.js'
import { type Naming, type NamingOption, namingOf, tableName } from './naming.js'
import type { Translation } from './translation.js'
import { type WriteNeeds, writeNeedsOf } from './write-needs.js'

/** A model class, as far as the lower layers know it. */
export type ModelConstructor = (abstract new (...args: never[]) => object) & { readonly prototype: object }

/** The class as corm calls it: the constructor reads what it is given. */
export const constructorOf = (model: ModelConstructor): (new (...args: unknown[]) => object) =>
  model as new (
    ...args: unknown[]
  ) => object

/** The options of a model, as they are written. */
export interface ModelOptions {
  readonly table?: string
  readonly database?: string
  readonly abstract?: boolean
  readonly globalScopes?: Readonly<Record<string, unknown>>
  readonly indexes?: readonly unknown[]
  readonly uniques?: readonly unknown[]
  readonly checks?: Readonly<Record<string, unknown>>
  readonly foreignKeys?: readonly unknown[]
  readonly tableOptions?: readonly string[]
  readonly comment?: string
  readonly renamedFrom?: string
  readonly orderBy?: string | readonly string[]
  readonly morphName?: string
  readonly naming?: NamingOption
  readonly readOnly?: boolean
  readonly keyless?: boolean
}

/** What `Model(fields, options)` leaves on the base class it makes. */
export interface Definition {
  readonly fields: Readonly<Record<string, FieldDescriptor>>
  /** What instances have in addition to the columns. */
  readonly attributes: Readonly<Record<string, AttributeDescriptor>>
  readonly options: ModelOptions
  /** Names that no field or relation may have. */
  readonly reserved: ReadonlySet<string>
}

/** The base class's own definition. */
export const DEFINITION: unique symbol = Symbol('corm.definition')
const METADATA: unique symbol = Symbol('corm.metadata')
/** On a subclass that corm makes (bound to a database, or for partial rows): the model itself. */
export const STANDS_FOR: unique symbol = Symbol('corm.standsFor')

const hasMetadata = (model: object): model is { readonly [METADATA]: ModelMetadata } => Object.hasOwn(model, METADATA)
const isStandIn = (model: object): model is { readonly [STANDS_FOR]: ModelConstructor } =>
  Object.hasOwn(model, STANDS_FOR)
const isDefined = (model: object): model is { readonly [DEFINITION]: Definition } => Object.hasOwn(model, DEFINITION)

/** A function of a query, as the option `globalScopes` has them. */
export type GlobalScope = (this: unknown, query: unknown) => unknown

/** A scope as the option has it: its function, or an object that says whether it is locked. */
function scopeOf(given: unknown): { readonly apply: GlobalScope; readonly locked: boolean } {
  if (typeof given === 'function') return { apply: given as GlobalScope, locked: false }
  const { apply, locked } = own(given as { readonly apply: GlobalScope; readonly locked?: boolean })
  return { apply, locked: locked === true }
}

/** Everything a model is, resolved once. */
export class ModelMetadata {
  readonly name: string
  readonly table: string
  /** The columns. */
  readonly fields: readonly ModelField[]
  /** Those that the database computes from others. */
  readonly generated: readonly ModelField[]
  /** The attributes without a column, by name: computed and virtual ones. */
  readonly attributes: ReadonlyMap<string, ModelAttribute>
  /** The translated fields; their columns are among the fields. */
  readonly translations: readonly Translation[]
  readonly primaryKey: readonly ModelField[]
  /** How keys of its rows are read, compared and asked for. */
  readonly key: PrimaryKey
  readonly relations: ReadonlyMap<string, RelationDescriptor>
  /** The field that marks deleted rows. */
  readonly softDelete: ModelField | null
  /** The field that counts the writes of a row, for optimistic locking. */
  readonly version: ModelField | null
  /** Functions that narrow every query, by name; the scope of soft deletes is not among them. */
  readonly globalScopes: ReadonlyMap<string, GlobalScope>
  /** Those of them that are lifted by their name only, and that no write may leave. */
  readonly locked: ReadonlySet<string>
  /** Whether its queries see some of the rows only. */
  readonly isRestricted: boolean
  /** Whether it has no table. */
  readonly isAbstract: boolean
  /** Whether writes of its rows are refused. */
  readonly readOnly: boolean
  /** Whether its table has no primary key: the fields of the key are known to corm only. */
  readonly keyless: boolean
  /** What writes of its instances take besides their values. */
  readonly needs: WriteNeeds
  /** The columns by which encrypted fields are found. */
  readonly blindIndexes: readonly ModelField[]
  readonly #byName: Map<string, ModelField>
  readonly #byColumn: Map<string, ModelField>

  constructor(
    readonly model: ModelConstructor,
    readonly definition: Definition,
  ) {
    const { options } = definition
    this.name = modelName(model, options)
    const naming = namingOf(options.naming)
    const keyless = options.keyless === true
    this.table = options.table ?? tableName(this.name, naming)
    this.fields = Object.entries(definition.fields).map(
      ([name, descriptor], index) =>
        new ModelField(
          {
            modelName: this.name,
            table: this.table,
            keyless,
            name,
            column: columnName(name, descriptor, naming),
            index,
          },
          descriptor,
          { targetKind, morphNames: (field) => morphNames(this, field) },
        ),
    )
    this.generated = this.fields.filter((field) => field.generated !== null)
    this.primaryKey = this.fields.filter((field) => field.primaryKey)
    this.key = new PrimaryKey(this.name, this.primaryKey)
    this.#byName = new Map(this.fields.map((field) => [field.name, field]))
    this.blindIndexes = linkIndexes(this.fields, this.#byName)
    this.#byColumn = new Map(this.fields.map((field) => [field.column, field]))
    this.attributes = attributesOf(this.name, definition.attributes, this.fields)
    this.translations = [...this.attributes.values()].flatMap(({ translation }) => translation ?? [])
    this.relations = relationsOf(model, this)
    this.softDelete = onlyOne(this, 'softDelete')
    this.version = onlyOne(this, 'version')
    const scopes = Object.entries(options.globalScopes ?? {}).map(([name, given]) => [name, scopeOf(given)] as const)
    this.globalScopes = new Map(scopes.map(([name, { apply }]) => [name, apply]))
    this.locked = new Set(scopes.filter(([, { locked }]) => locked).map(([name]) => name))
    this.isAbstract = options.abstract === true
    this.readOnly = options.readOnly === true
    this.keyless = keyless
    this.isRestricted = this.softDelete !== null || this.globalScopes.size > 0
    this.needs = writeNeedsOf(this)
    refuseDuplicateColumns(this)
  }

  get options(): ModelOptions {
    return this.definition.options
  }

  /** The database it names, if any. */
  get databaseName(): string | undefined {
    return this.options.database
  }

  /** Whether it is the name of a column, or of another attribute. */
  hasAttribute(name: string): boolean {
    return this.#byName.has(name) || this.attributes.has(name)
  }

  hasField(name: string): boolean {
    return this.#byName.has(name)
  }

  fieldOrNull(name: string): ModelField | undefined {
    return this.#byName.get(name)
  }

  /** The type of a field's values, also of a translated one. */
  typeOf(name: string): ModelField | undefined {
    return this.#byName.get(name) ?? this.attributes.get(name)?.translation?.type
  }

  /** Throws for an unknown name. `added` are the other names that the query has, for the message. */
  field(name: string, added?: Iterable<string>): ModelField {
    return this.#byName.get(name) ?? unknownField(this, name, added)
  }

  fieldOfColumn(column: string): ModelField | undefined {
    return this.#byColumn.get(column)
  }
}

/** Makes an encrypted field and the column of its index known to each other. */
function linkIndexes(fields: readonly ModelField[], byName: ReadonlyMap<string, ModelField>): readonly ModelField[] {
  return fields.flatMap((field) => {
    const index = field.descriptor.blind === null ? undefined : byName.get(`${field.name}Index`)
    if (index === undefined) return []
    field.blindIndex = index
    index.indexOf = field
    return [index]
  })
}

function unknownField(meta: ModelMetadata, name: string, added: Iterable<string> = []): never {
  meta.attributes.get(name)?.refuse()
  const text = typeof name === 'string' ? name.slice(0, 100) : String(typeof name)
  const related = meta.relations.has(text)
    ? ' That is a relation; load it with with(), or name one of its key fields.'
    : ''
  const names = [...added, ...meta.fields.map((field) => field.name)]
  throw new UnknownFieldError(
    `"${meta.name}" has no field ${JSON.stringify(text)}.${related || suggestion(text, names)}`,
  )
}

/** The metadata of a model class; resolves it at the first call. */
export function metadataOf(model: unknown): ModelMetadata {
  if (typeof model === 'function') {
    if (hasMetadata(model)) return model[METADATA]
    const metadata = isStandIn(model) ? metadataOf(model[STANDS_FOR]) : resolve(model)
    Object.defineProperty(model, METADATA, { value: metadata })
    return metadata
  }
  throw new DefinitionError(
    'A model class was expected: class User extends Model({ … }) {}. Circular imports leave it undefined: refer to it by a function, () => User.',
  )
}

/** What polymorphic relations store for a model. */
export function morphNameOf({ options, name }: ModelMetadata): string {
  if (options.morphName !== undefined) return options.morphName
  refuseMadeName(name, 'morphName')
  return name
}

export function isModel(value: unknown): value is ModelConstructor {
  return typeof value === 'function' && DEFINITION in value
}

function resolve(model: { readonly name: unknown }): ModelMetadata {
  const named = String(model.name)
  if (!isModel(model))
    throw new DefinitionError(
      `"${named}" is not a model.${copyHint(model) || ` Write class ${named} extends Model({ … }) {}.`}`,
    )
  const base: { readonly name: string } = Object.getPrototypeOf(model)
  const owner: object = isDefined(model) ? model : base
  if (!isDefined(owner)) {
    const parent = base.name
    throw new DefinitionError(
      `"${named}" extends the model "${parent}" directly. Write class ${named} extends ${parent}.extend({ … }) {}.`,
    )
  }
  return new ModelMetadata(model, owner[DEFINITION])
}

function columnName(name: string, { options, part }: FieldDescriptor, naming: Naming): string {
  return options.column ?? naming(part?.isBase === true ? part.of : name)
}

function modelName(model: ModelConstructor, options: ModelOptions): string {
  const own: unknown = Object.getOwnPropertyDescriptor(model, 'name')?.value
  const name =
    typeof own === 'string' ? own : (/^class\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(String(model))?.[1] ?? '')
  if (name === '') throw new DefinitionError('A model class needs a name: class User extends Model({ … }) {}.')
  if (options.table === undefined) refuseMadeName(name, 'table')
  return name
}

function refuseDuplicateColumns(meta: ModelMetadata): void {
  const seen = new Map<string, ModelField>()
  for (const field of meta.fields) {
    if (field.column === '' || field.column.includes('\0'))
      throw new DefinitionError(
        `${field} has a column name that no database takes: it is empty, or has a NUL character. Set another { column }.`,
      )
    const other = seen.get(field.column.toLowerCase())
    if (other !== undefined)
      throw new DefinitionError(
        `${field} and ${other} have the same column "${field.column}". Set { column } on one of them.`,
      )
    seen.set(field.column.toLowerCase(), field)
  }
}

/** The field of a type that a model can have once. */
function onlyOne({ fields }: ModelMetadata, type: 'softDelete' | 'version'): ModelField | null {
  const [first, second] = fields.filter((field) => field.descriptor.type === type)
  if (second !== undefined)
    throw new DefinitionError(`${first} and ${second} are both made by Field.${type}(). A model takes one.`)
  return first ?? null
}

/** Relations are statics of the class and of the models it extends. */
function relationsOf(model: ModelConstructor, meta: ModelMetadata): Map<string, RelationDescriptor> {
  const relations = new Map<string, RelationDescriptor>()
  for (
    let level: unknown = model;
    typeof level === 'function' && DEFINITION in level;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (value instanceof FieldDescriptor || value instanceof AttributeDescriptor)
        throw new DefinitionError(
          `"${meta.name}.${name}" is a field outside Model(). Move it into Model({ ${name}: … }).`,
        )
      if (!(value instanceof RelationDescriptor) || relations.has(name)) continue
      refuseRelationName(meta, name)
      relations.set(name, value)
    }
  }
  return relations
}

function refuseRelationName(meta: ModelMetadata, name: string): void {
  if (meta.hasAttribute(name))
    throw new DefinitionError(`"${meta.name}.${name}" is both a field and a relation. Rename one of them.`)
  if (meta.definition.reserved.has(name))
    throw new DefinitionError(
      `"${meta.name}.${name}" can't be a relation: "${name}" is a member of Model. Rename the relation.`,
    )
}

/** The model that a foreign key points at. */
export function referencedModel(field: ModelField): ModelMetadata {
  const target: unknown = field.descriptor.reference?.target()
  if (isModel(target)) return metadataOf(target)
  const what = typeof target === 'function' ? `"${target.name}", which is not a model` : String(target)
  throw new DefinitionError(
    `${field} does not point to a model: its function returns ${what}.${copyHint(target) || ' Write () => Target, and export the class before it is used, where files import each other.'}`,
  )
}

/** The kind of the key that a foreign key points at; the types could only guess it from the option `key`. */
function targetKind(field: ModelField): FieldKind {
  const target = referencedModel(field)
  const [key] = target.primaryKey
  if (key === undefined || target.primaryKey.length > 1)
    throw new DefinitionError(
      `${field} points at "${target.name}", whose key has several fields. A foreign key takes one; add one field per key field.`,
    )
  const wanted = keyOption(key)
  const said = field.options.key ?? 'integer'
  // what instances hold of a type of the user's own, only the user can say
  if (wanted !== said && key.descriptor.type !== 'custom')
    throw new DefinitionError(
      `${field} has { key: '${said}' }, but the key of "${target.name}" is of type '${wanted}'. Write { key: '${wanted}' }.`,
    )
  return key.kind
}

/** The names of the models that a morph type may hold, as the relations list them that read it; null: none does. */
function morphNames({ relations }: ModelMetadata, type: ModelField): ReadonlySet<string> | null {
  const readers = [...relations].filter(
    ([name, { type: kind, options }]) => kind === 'morphTo' && (options.typeKey ?? `${name}Type`) === type.name,
  )
  if (readers.length === 0) return null
  return new Set(readers.flatMap(([, { targets }]) => targets.map((target) => morphNameOf(metadataOf(target())))))
}

/** What a foreign key to this key says in its option `key`. */
export const keyOption = ({ dataType }: ModelField): KeyType => KEY_TYPES[dataType.name] ?? 'string'

const KEY_TYPES: Readonly<Record<string, KeyType>> = own({
  integer: 'integer',
  smallInteger: 'integer',
  bigInteger: 'bigint',
  uuid: 'uuid',
})

/** Whether migrations make its table: not those of views and of other programs. */
export const hasOwnTable = ({ readOnly, keyless }: ModelMetadata): boolean => !readOnly || keyless
