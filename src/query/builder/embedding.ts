import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { EmbeddedText } from '../../util/embedded-text.js'

/** The text of a search in place of its vector: the model's `embedQuery` computes that when the query runs. */
export function embeddedText(meta: ModelMetadata, text: unknown, call: string): EmbeddedText {
  if (typeof text !== 'string') throw new UsageError(`${call} takes the text to search for as a string.`)
  const model = meta.model as unknown as { readonly embedQuery?: unknown }
  const { embedQuery } = model
  if (typeof embedQuery !== 'function')
    throw new UsageError(
      `${call} needs the vector of a text. Write a static method on "${meta.name}" that returns it: static embedQuery(text) { … }.`,
    )
  return new EmbeddedText(text, (given) => embedQuery.call(model, given))
}

/** The vector field to search: the one that is named, or the only one. */
export function vectorField(meta: ModelMetadata, given: string | undefined, call: string): string | ModelField {
  if (given !== undefined) return given
  const [field, ...more] = meta.fields.filter(({ kind }) => kind.vector !== undefined)
  if (field === undefined) throw new UsageError(`${call} needs a vector field, and "${meta.name}" has none.`)
  if (more.length > 0)
    throw new UsageError(`"${meta.name}" has several vector fields: say which one, { field: '${field.name}' }.`)
  return field.name
}
