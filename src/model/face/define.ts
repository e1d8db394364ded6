import { gateRawBy } from '../../database/raw.js'
import { DefinitionError, quoted } from '../../errors.js'
import { AttributeDescriptor } from '../../field/attribute.js'
import { Field } from '../../field/index.js'
import { FieldDescriptor } from '../../field/kind.js'
import { SealedValue } from '../../field/sealed.js'
import { TranslatedDescriptor } from '../../field/translated.js'
import { defineState, hiddenValue, setHidden } from '../../hydrate/state.js'
import { atField, keyText } from '../../hydrate/unreadable.js'
import {
  DEFINITION,
  type Definition,
  isModel,
  type ModelConstructor,
  type ModelMetadata,
  type ModelOptions,
} from '../../metadata/metadata.js'
import { ModelField, takesWork } from '../../metadata/model-field.js'
import type { Naming } from '../../metadata/naming.js'
import { makePivotsBy } from '../../metadata/relation/pivot.js'
import { gateNow } from '../../query/scopes/pass.js'
import type { ModelFactory } from '../../types/model.js'
import { readable } from '../../util/arguments.js'
import { COPY, thisCopy } from '../../util/copies.js'
import { withVectors } from '../../util/embedded-text.js'
import {
  callback,
  choiceOf,
  either,
  flag,
  list,
  nameList,
  names,
  object,
  optionReader,
  text,
  textOrNone,
} from '../../util/options.js'
import { isPlainObject, own } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import { runner } from '../read/runner.js'
import { defineRelations } from '../related/lazy.js'
import { prepareAwaits } from '../runtime/awaited.js'
import { nameFileModel, noteFileModel } from '../runtime/file-models.js'
import { type ModelRuntime, setRunner, whenPrepared } from '../runtime/runtime.js'
import { embeddedFields } from '../write/embeddings.js'
import { fileHooks } from '../write/files.js'
import { persistQuery, persistQueryReturning } from '../write/persist-query.js'
import { slugFields } from '../write/slugs.js'
import { defineAttributes } from './attributes.js'
import { ModelBase } from './model.js'
import { ModelStatics } from './statics.js'

setRunner({
  ...runner,
  write: (query, write, hooks) => withVectors(() => persistQuery(query, write, hooks)),
  writeReturning: (query, write) => withVectors(() => persistQueryReturning(query, write)),
})
gateRawBy((statement) => gateNow(statement, runner))
makePivotsBy((fields, options) => makeBase(ModelStatics, own(fields), modelOptions(options)) as ModelConstructor)
whenPrepared(({ meta }) => defineState(meta.model.prototype))
whenPrepared(defineRelations)
whenPrepared(defineAttributes)
whenPrepared(hideFields)
whenPrepared((runtime) => {
  runtime.hooks = [...runtime.hooks, ...fileHooks(runtime)]
})
whenPrepared(({ meta }) => nameFileModel(meta))
whenPrepared(({ meta }) => embeddedFields(meta))
whenPrepared(({ meta }) => slugFields(meta))
prepareAwaits()

const modelOptions = optionReader<ModelOptions>(
  'Model()',
  {
    table: text,
    database: text,
    abstract: flag,
    globalScopes: object,
    indexes: list,
    uniques: list,
    checks: object,
    foreignKeys: list,
    tableOptions: nameList,
    comment: textOrNone,
    renamedFrom: text,
    orderBy: names,
    morphName: text,
    naming: either(choiceOf('snake_case', 'camelCase'), callback<Naming>()),
    readOnly: flag,
    keyless: flag,
  },
  DefinitionError,
)

/** Names that a field or relation may not have: the members of an instance, and what JavaScript asks of any object. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(ModelBase.prototype),
  'then',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__proto__',
  'prototype',
])

/** Statics of a class that a field may well be called; a relation may not. */
const STATICS = Object.getOwnPropertyNames(ModelStatics).filter(
  (name) => name !== 'prototype' && name !== 'length' && name !== 'name',
)

const defineModel = readable((fields: unknown, options?: unknown): object =>
  makeBase(ModelStatics, fieldsOf(fields), modelOptions(options)),
)

function makeBase(parent: typeof ModelStatics, fields: Record<string, unknown>, options: ModelOptions): object {
  if (options.globalScopes !== undefined) checkScopes(options.globalScopes)
  checkFields(fields)
  const given = Object.entries(hasKey(fields) ? fields : { id: Field.id(), ...fields })
  const attributes = given.filter((entry): entry is [string, AttributeDescriptor] => isAttribute(entry[1]))
  const columns = given.flatMap(columnsOf)
  refuseTwice([...columns, ...attributes])
  const definition: Definition = {
    fields: Object.freeze(withCompanions(Object.fromEntries(columns))),
    attributes: Object.freeze(own(Object.fromEntries(attributes))),
    options: Object.freeze(options),
    reserved: new Set([...RESERVED, ...STATICS, 'fields', 'extend']),
  }
  const Base = class extends parent {
    static readonly fields = attributes.length === 0 ? definition.fields : allOf(definition)
    static extend(more: Record<string, unknown>, moreOptions?: unknown): object {
      return extendModel(this, fieldsOf(more), modelOptions(moreOptions, 'extend()'))
    }
  }
  noteFileModel(definition)
  Object.defineProperty(Base, DEFINITION, { value: definition })
  Object.defineProperty(Base, COPY, { value: thisCopy })
  return Base
}

/** The columns of an entry: for a translated field, those of its languages. A model that inherits it gets columns of its own. */
function columnsOf([name, field]: readonly [string, unknown]): [string, FieldDescriptor][] {
  if (field instanceof TranslatedDescriptor) return field.partsOf(name)
  return field instanceof FieldDescriptor && field.part === null ? [[name, field]] : []
}

function refuseTwice(entries: readonly [string, unknown][]): void {
  const names = new Set<string>()
  for (const [name] of entries) {
    if (names.has(name))
      throw new DefinitionError(
        `Two fields are called "${name}": one of them is that of a language of a translated field. Rename the other one.`,
      )
    names.add(name)
  }
}

const isAttribute = (field: unknown): boolean => field instanceof AttributeDescriptor

const hasKey = (fields: Record<string, unknown>): boolean =>
  Object.values(fields).some((field) => field instanceof FieldDescriptor && field.options.primaryKey === true)

/** All that a definition names: the columns first. */
const allOf = ({ fields, attributes }: Definition) => Object.freeze(own({ ...fields, ...attributes }))

/** The fields that are stored with a field, by what follows its name in theirs. */
const companionsOf = ({ embedding, blind }: FieldDescriptor): [string, FieldDescriptor][] => [
  ...Object.entries(embedding?.companions ?? {}),
  ...(blind === null ? [] : [['Index', blind] satisfies [string, FieldDescriptor]]),
]

/** The fields, and those that are stored with others. */
function withCompanions(fields: Record<string, FieldDescriptor>): Record<string, FieldDescriptor> {
  const all = { ...fields }
  for (const [name, field] of Object.entries(fields))
    for (const [suffix, companion] of companionsOf(field)) {
      const other = all[`${name}${suffix}`]
      if (other !== undefined && other !== companion)
        throw new DefinitionError(
          `A field can't be called "${name}${suffix}", which is stored with "${name}". Rename it.`,
        )
      all[`${name}${suffix}`] = companion
    }
  return own(all)
}

/** A model with the fields, statics, relations and methods of another, and more. */
function extendModel(base: unknown, fields: Record<string, unknown>, given: ModelOptions): object {
  if (!isModel(base))
    throw new DefinitionError('extend() is called on a model class: class Novel extends Book.extend({ … }) {}.')
  const inherited = (base as unknown as { [DEFINITION]: Definition })[DEFINITION]
  const options = own(given)
  const { table: _, abstract: __, morphName: ___, renamedFrom: ____, ...others } = own(inherited.options)
  const kept = own<ModelOptions>(others)
  const ownKey = hasKey(fields)
  const before = Object.entries(allOf(inherited)).filter(([, field]) => !(ownKey && field.type === 'id'))
  const Base = makeBase(
    base as unknown as typeof ModelStatics,
    { ...Object.fromEntries(before), ...fields },
    own({ ...kept, ...options, ...scopesOf(kept.globalScopes, options.globalScopes) }),
  )
  // an accessor of the model above must not take the values of a field that replaces it
  const replaced = before.filter(([name]) => Object.hasOwn(fields, name))
  for (const [name] of replaced)
    Object.defineProperty((Base as ModelConstructor).prototype, name, {
      value: undefined,
      writable: true,
      configurable: true,
    })
  return Base
}

type Scopes = ModelOptions['globalScopes']

/** Global scopes are inherited one by one. */
function scopesOf(inherited: Scopes, more: Scopes): { readonly globalScopes?: Record<string, unknown> } {
  if (inherited === undefined || (more !== undefined && !isPlainObject(more))) return {}
  return { globalScopes: { ...inherited, ...more } }
}

/** The fields that a model is given: an object's own properties. */
function fieldsOf(given: unknown): Record<string, unknown> {
  if (isPlainObject(given)) return own(given)
  throw new DefinitionError('Model() takes an object of fields: Model({ name: Field.string() }).')
}

function checkScopes(scopes: unknown): void {
  if (!isPlainObject(scopes))
    throw new DefinitionError('The option globalScopes is an object of functions: { active: q => q.where(…) }.')
  for (const name of Object.keys(scopes)) {
    if (name === 'softDelete')
      throw new DefinitionError('A global scope can\'t be called "softDelete": that is the one of Field.softDelete().')
    checkScope(name, scopes[name])
  }
}

const scopeOptions = optionReader('A global scope', { apply: callback(), locked: flag }, DefinitionError)

function checkScope(name: string, given: unknown): void {
  if (typeof given === 'function') return
  if (!isPlainObject(given))
    throw new DefinitionError(
      `The global scope "${name}" is not a function of a query. Write { ${name}: q => q.where(…) }.`,
    )
  const { apply } = scopeOptions(given, `globalScopes.${name}`)
  if (apply === undefined)
    throw new DefinitionError(
      `The global scope "${name}" has no function of a query. Write { ${name}: { apply: q => q.where(…), locked: true } }.`,
    )
}

function checkFields(fields: Record<string, unknown>): void {
  for (const name of Object.keys(fields)) {
    if (!(fields[name] instanceof FieldDescriptor || isAttribute(fields[name])))
      throw new DefinitionError(
        `The field ${quoted(name)} is not made by Field: write ${name.slice(0, 60)}: Field.string().`,
      )
    if (RESERVED.has(name))
      throw new DefinitionError(
        `A field can't be called "${name}": that is a member of Model. Rename the field, and set { column: '${name}' }.`,
      )
    if (name === '' || name.startsWith('-') || name.includes('.'))
      throw new DefinitionError(`${quoted(name)} can't name a field: no dots, and no "-" at the start.`)
  }
}

const virtualOf = ({ attributes }: ModelMetadata) => [...attributes.values()].filter(({ compute }) => compute === null)

/** The value of an encrypted field. An error names the field and the row. */
function opened({ key }: ModelMetadata, field: ModelField | null, instance: object, held: SealedValue): unknown {
  try {
    return held.value
  } catch (error) {
    const values = key.fields.map(({ name }) => [name, asRecord(instance)[name]] as const)
    throw atField(error, field, keyText(values))
  }
}

/** Hidden fields are accessors, not own properties: no spread, log or Object.entries shows them. */
function hideFields({ meta }: ModelRuntime): void {
  for (const field of [...meta.fields, ...virtualOf(meta)]) {
    const { name, hidden } = field
    if (!hidden) continue
    // no instance holds the text of a password
    const cast = field instanceof ModelField && takesWork(field) ? field.kind.cast : undefined
    Object.defineProperty(meta.model.prototype, name, {
      configurable: true,
      get(this: object) {
        const held = hiddenValue(this, name)
        return held instanceof SealedValue ? opened(meta, field instanceof ModelField ? field : null, this, held) : held
      },
      set(this: object, value: unknown) {
        setHidden(this, name, cast === undefined ? value : cast(value))
      },
    })
  }
}

Object.defineProperty(defineModel, Symbol.hasInstance, { value: (value: unknown) => value instanceof ModelBase })

/** Returns the base class of a model with these fields: `class User extends Model({ name: Field.string() }) {}`. */
export const Model = defineModel as unknown as ModelFactory
