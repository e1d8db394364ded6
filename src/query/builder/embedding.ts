import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { EmbeddedText, isPromise } from '../../util/embedded-text.js'
import { isList } from '../../util/list.js'
import { asRecord } from '../../util/record.js'
import { fieldOf } from '../condition/where.js'

/** A text to search for by the vectors of a field. */
export interface TextSearch {
  readonly text: unknown
  readonly field: string | ModelField
  readonly call: string
}

/**
 * The text of a search in place of its vector, which is computed when the query runs: by the model's `embedQuery`, or by the
 * function that embeds the texts of its rows.
 */
export function embeddedText(meta: ModelMetadata, { text, field, call }: TextSearch): EmbeddedText {
  if (typeof text !== 'string') throw new UsageError(`${call} takes the text to search for as a string.`)
  const { embedQuery } = asRecord(meta.model)
  if (typeof embedQuery === 'function') return new EmbeddedText(text, (given) => embedQuery.call(meta.model, given))
  const searched = fieldOf(meta, field)
  const { embedding } = searched.descriptor
  if (embedding === null)
    throw new UsageError(
      `${call} needs the vector of a text. Write a static method on "${meta.name}" that returns it: static embedQuery(text) { … }.`,
    )
  return new EmbeddedText(text, (given) => {
    const vectors = embedding.embed([given])
    return isPromise(vectors) ? vectors.then((list) => onlyOne(searched, list)) : onlyOne(searched, vectors)
  })
}

function onlyOne(field: ModelField, vectors: unknown): unknown {
  if (isList(vectors) && vectors.length === 1) return vectors[0]
  throw new UsageError(
    `The function "embed" of ${field} was given 1 text, and returned ${isList(vectors) ? `${vectors.length} vectors` : 'no list'}. Return a list with one vector for each text.`,
  )
}

/** The vector field to search: the one that is named, or the only one. */
export function searchedField(meta: ModelMetadata, given: string | undefined, call: string): string | ModelField {
  if (given !== undefined) return given
  const [field, ...more] = meta.fields.filter(({ kind }) => kind.vector !== undefined)
  if (field === undefined)
    throw new UsageError(
      `${call} needs a vector field, and "${meta.name}" has none. Add a Field.vector() or Field.embedding() to it.`,
    )
  if (more.length > 0)
    throw new UsageError(`"${meta.name}" has several vector fields: say which one, { field: '${field.name}' }.`)
  return field.name
}
