import { DefinitionError, quoted } from '../errors.js'
import { suggestion } from '../util/names.js'
import { anything, either, flag, names, object, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import type { ModelMetadata } from './metadata.js'
import type { ModelField } from './model-field.js'

/** An index, as the options of a model describe it. */
export interface IndexOption {
  readonly fields: readonly string[]
  readonly unique?: boolean
  readonly name?: string
  readonly where?: unknown
  readonly sql?: string
  readonly method?: string
  readonly fullText?: boolean | object
}

const indexOptions = optionReader<Omit<IndexOption, 'fields'> & { fields: string | readonly string[] }>(
  'An index',
  { fields: names, unique: flag, where: anything, sql: text, method: text, name: text, fullText: either(flag, object) },
  DefinitionError,
)

/** The options `indexes` and `uniques` of a model. */
export function indexesOf(meta: ModelMetadata): IndexOption[] {
  const { indexes = [], uniques = [] } = meta.options
  const toOption = (given: unknown): IndexOption => {
    const options = typeof given === 'string' || Array.isArray(given) ? { fields: given } : given
    const read = indexOptions(options ?? null, `An index of "${meta.name}"`)
    if (read.fields === undefined)
      throw new DefinitionError(`An index of "${meta.name}" names no fields: { fields: ['name'], unique: true }.`)
    return { ...read, fields: typeof read.fields === 'string' ? [read.fields] : read.fields }
  }
  return [...indexes.map(toOption), ...uniques.map((given) => ({ ...toOption(given), unique: true }))].map((each) =>
    own(each),
  )
}

export function indexField(meta: ModelMetadata, name: string): ModelField {
  const field = meta.fieldOrNull(name)
  const translation = meta.attributes.get(name)?.translation
  if (translation != null)
    throw new DefinitionError(
      `An index of "${meta.name}" names ${quoted(name)}, which is translated. Name the field of a language, such as ${quoted(translation.fields[0]?.name ?? '')}, or give the field the option { index: 'shown' }.`,
    )
  if (field === undefined)
    throw new DefinitionError(
      `An index of "${meta.name}" names the field ${quoted(name)}, which it does not have.${
        suggestion(
          name,
          meta.fields.map((each) => each.name),
        ) || ' Add the field, or correct the name.'
      }`,
    )
  if (field.kind.plain !== undefined)
    throw new DefinitionError(
      `An index of "${meta.name}" names ${quoted(name)}, which is encrypted. Write Field.encrypted(…, { index: true }) or { index: 'unique' }.`,
    )
  if (field.kind.vector !== undefined)
    throw new DefinitionError(
      `${field} is a vector: its index is an option of the field: Field.vector(${field.kind.vector.dimensions}, { index: { method: 'hnsw' } }).`,
    )
  return field
}
