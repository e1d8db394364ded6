import type { ReferenceAction } from '../ast/definition.js'
import { DefinitionError, quoted } from '../errors.js'
import { action } from '../field/options.js'
import { suggestion } from '../util/names.js'
import { callback, flag, names, optionReader, text } from '../util/options.js'
import { isModel, type ModelMetadata, metadataOf } from './metadata.js'
import type { ModelField } from './model-field.js'

/** A foreign key in the options of a model, with the fields of both sides. */
export interface ForeignKeyOption {
  readonly fields: readonly ModelField[]
  readonly target: ModelMetadata
  readonly references: readonly ModelField[]
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  readonly deferrable: boolean
  readonly name: string | undefined
}

const keyOptions = optionReader<{
  readonly fields: string | readonly string[]
  readonly references: () => unknown
  readonly localKey: string | readonly string[]
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  readonly deferrable: boolean
  readonly name: string
}>(
  'A foreign key',
  {
    fields: names,
    references: callback(),
    localKey: names,
    onDelete: action,
    onUpdate: action,
    deferrable: flag,
    name: text,
  },
  DefinitionError,
)

/** The option `foreignKeys` of a model. */
export function foreignKeysOf(meta: ModelMetadata): readonly ForeignKeyOption[] {
  return (meta.options.foreignKeys ?? []).map((given) => read(meta, given))
}

function read(meta: ModelMetadata, given: unknown): ForeignKeyOption {
  const where = `A foreign key of "${meta.name}"`
  const { fields: from, references, localKey, deferrable = false, name, ...actions } = keyOptions(given ?? null, where)
  if (from === undefined || references === undefined)
    throw new DefinitionError(`${where} needs fields and a model: { fields: ['a', 'b'], references: () => Other }.`)
  const target: unknown = references()
  if (!isModel(target)) throw new DefinitionError(`${where} does not point to a model: write references: () => Other.`)
  const other = metadataOf(target)
  const fields = fieldsOf(meta, from, where)
  const keys = localKey === undefined ? other.primaryKey : fieldsOf(other, localKey, where)
  if (fields.length !== keys.length)
    throw new DefinitionError(
      `${where} has ${fields.length} and the key of "${other.name}" ${keys.length} fields. Name as many with { localKey }.`,
    )
  // RESTRICT is checked at once, also of a deferred key
  const atOnce = deferrable ? 'noAction' : 'restrict'
  const { onDelete = atOnce, onUpdate = atOnce } = actions
  return { fields, target: other, references: keys, onDelete, onUpdate, deferrable, name }
}

const fieldsOf = (meta: ModelMetadata, given: string | readonly string[], where: string): readonly ModelField[] =>
  [given].flat().map((name) => {
    const field = meta.fieldOrNull(name)
    if (field !== undefined) return field
    throw new DefinitionError(
      `${where} names the field ${quoted(name)}, which "${meta.name}" does not have.${
        suggestion(
          name,
          meta.fields.map((each) => each.name),
        ) || ' Add the field, or correct the name.'
      }`,
    )
  })
