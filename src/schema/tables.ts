import { EMPTY, type SchemaState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { DefinitionError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { checkNames } from './check.js'
import { diffStates } from './diff.js'
import { stateOfModels } from './from-models.js'
import type { SchemaNode } from './statements.js'
import { schemaSteps, textsOf } from './steps.js'

// The tables of models: the difference between an empty database and the schema that the models describe, and back.

const HARD = { removal: 'hard', dropRetired: true } as const

function textsBetween(from: SchemaState, to: SchemaState, dialect: Dialect): string[] {
  return schemaSteps(diffStates(from, to, HARD), from, dialect).flatMap((step) => textsOf(step, dialect))
}

/** The statements that create the tables of these models. */
export function createSql(models: readonly ModelMetadata[], dialect: Dialect): string[] {
  const { identifiers } = dialect.capabilities
  for (const meta of models) checkNames(meta, identifiers)
  refuseShared(models)
  const extensions = extensionsOf(models, dialect).map((node) => dialect.compiler.compileInline(node))
  return [...extensions, ...textsBetween(EMPTY, stateOfModels(models), dialect)]
}

/** The statements that drop the tables of these models. */
export const dropSql = (models: readonly ModelMetadata[], dialect: Dialect): string[] =>
  textsBetween(stateOfModels(models), EMPTY, dialect)

function refuseShared(models: readonly ModelMetadata[]): void {
  const owners = new Map<string, ModelMetadata>()
  for (const meta of models) {
    const other = owners.get(meta.table)
    if (other !== undefined && other !== meta)
      throw new DefinitionError(
        `"${other.name}" and "${meta.name}" both have the table "${meta.table}". Create it from one of them.`,
      )
    owners.set(meta.table, meta)
  }
}

function extensionsOf(models: readonly ModelMetadata[], { capabilities: { vectors } }: Dialect): readonly SchemaNode[] {
  const extension = vectors?.extension ?? null
  const hasVectors = models.some((meta) => meta.fields.some(({ dataType }) => dataType.name === 'vector'))
  return extension !== null && hasVectors ? [{ kind: 'createExtension', name: extension }] : []
}
