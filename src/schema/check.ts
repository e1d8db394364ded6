import { DefinitionError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { relationOf } from '../metadata/relation/resolve.js'
import { type IdentifierLimit, isLongName } from '../util/identifier.js'
import { constraintsOf } from './constraints.js'

// Checks models before any statement is sent.

/** Resolves everything that a model declares, so that mistakes are found before a statement is sent. */
export function checkModel(meta: ModelMetadata): void {
  if (meta.isAbstract)
    throw new DefinitionError(`"${meta.name}" is abstract: it has no table. Create the models that extend it.`)
  for (const field of meta.fields) void field.kind
  for (const name of meta.relations.keys()) relationOf(meta, name)
  constraintsOf(meta)
}

/** Refuses names that the database would silently shorten. */
export function checkNames(meta: ModelMetadata, limit: IdentifierLimit | null): void {
  if (limit === null) return
  const { indexes, fullText, foreignKeys, checks } = constraintsOf(meta)
  const names = [
    meta.table,
    ...meta.fields.map((field) => field.column),
    ...[...indexes, ...fullText, ...foreignKeys, ...checks].map(({ name }) => name),
  ]
  for (const name of names)
    if (isLongName(name, limit))
      throw new DefinitionError(
        `"${meta.name}" has the name "${name.slice(0, 80)}", which is longer than the ${limit.longest} ${limit.unit} that the database takes. Set a shorter table, column or index name.`,
      )
}

/** Refuses comments that can't be sent: a NUL would end the statement, and half of a surrogate pair can't be encoded. */
export function checkComments(meta: ModelMetadata): void {
  const check = (where: string, text: unknown) => {
    if (text === undefined || (typeof text === 'string' && !text.includes('\0') && text.isWellFormed())) return
    throw new DefinitionError(`${where} must be a string of valid Unicode without NUL characters.`)
  }
  check(`The comment of "${meta.name}"`, meta.options.comment)
  for (const field of meta.fields) check(`The description of ${field}`, field.options.description)
}
