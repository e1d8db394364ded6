import type {
  AddForeignKeyNode,
  ColumnDefinition,
  CommentNode,
  CreateExtensionNode,
  CreateIndexNode,
  CreateTableNode,
  DefinitionNode,
} from '../ast/definition.js'
import type { Capabilities, FullTextSupport, VectorSupport } from '../dialect/dialect.js'
import { DefinitionError } from '../errors.js'
import { type ModelMetadata, referencedModel } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { relationOf } from '../metadata/relation/resolve.js'
import { type IdentifierLimit, isTooLong } from '../util/identifier.js'
import { constraintsOf } from './constraints.js'

/** The statements that make the tables of these models: tables before those that point at them, then indexes. */
export function createStatements(models: readonly ModelMetadata[], capabilities: Capabilities): DefinitionNode[] {
  for (const meta of models) {
    checkModel(meta)
    checkNames(meta, capabilities.identifiers)
    checkComments(meta)
  }
  const { sorted, late } = inOrder(models)
  const tables = sorted.map((meta) => createTable(meta, capabilities.addForeignKey ? late : new Set()))
  const indexes = sorted
    .flatMap((meta): CreateIndexNode[] => [...constraintsOf(meta).indexes])
    .filter(({ vector }) => vector === null || capabilities.vectors?.indexes === true)
  const words = sorted.flatMap((meta) => fullTextStatements(meta, capabilities.fullText))
  const keys = capabilities.addForeignKey ? sorted.flatMap((meta) => lateKeys(meta, late)) : []
  const comments = capabilities.commentStatements ? tables.flatMap(commentsOf) : []
  return [...extensionsOf(models, capabilities.vectors), ...tables, ...indexes, ...words, ...keys, ...comments]
}

const fullTextStatements = (meta: ModelMetadata, support: FullTextSupport): DefinitionNode[] =>
  constraintsOf(meta).fullText.flatMap((index) =>
    support.created(index).map((part): DefinitionNode => ({ kind: 'createFullText', index, part })),
  )

function extensionsOf(models: readonly ModelMetadata[], vectors: VectorSupport | null): CreateExtensionNode[] {
  const extension = vectors?.extension ?? null
  const hasVectors = models.some((meta) => meta.fields.some(({ dataType }) => dataType.name === 'vector'))
  return extension !== null && hasVectors ? [{ kind: 'createExtension', name: extension }] : []
}

function commentsOf({ table, comment, columns }: CreateTableNode): CommentNode[] {
  const node = (column: string | null, text: string | null): CommentNode[] =>
    text === null ? [] : [{ kind: 'comment', table, column, text }]
  return [...node(null, comment), ...columns.flatMap(({ name, comment: text }) => node(name, text))]
}

/** The statements that drop the tables of these models: keys that close a circle first, then each table before its targets. */
export function dropStatements(models: readonly ModelMetadata[], capabilities: Capabilities): DefinitionNode[] {
  const { sorted, late } = inOrder(models)
  const keys = capabilities.addForeignKey ? sorted.flatMap((meta) => lateKeys(meta, late)) : []
  return [
    ...keys.map(({ table, foreignKey }): DefinitionNode => ({ kind: 'dropForeignKey', table, name: foreignKey.name })),
    ...sorted
      .reverse()
      .flatMap((meta): DefinitionNode[] => [
        ...constraintsOf(meta).fullText.flatMap((index) =>
          capabilities.fullText.dropped(index).map((part): DefinitionNode => ({ kind: 'dropFullText', index, part })),
        ),
        { kind: 'dropTable', table: meta.table },
      ]),
  ]
}

/** Resolves everything a model says, so that mistakes show before a statement is sent. */
export function checkModel(meta: ModelMetadata): void {
  if (meta.isAbstract)
    throw new DefinitionError(`"${meta.name}" is abstract: it has no table. Create the models that extend it.`)
  for (const field of meta.fields) void field.kind
  for (const name of meta.relations.keys()) relationOf(meta, name)
  constraintsOf(meta)
}

/** A name that the database would cut without a word is refused. */
function checkNames(meta: ModelMetadata, limit: IdentifierLimit | null): void {
  if (limit === null) return
  const { indexes, fullText, foreignKeys, checks } = constraintsOf(meta)
  const names = [
    meta.table,
    ...meta.fields.map((field) => field.column),
    ...[...indexes, ...fullText, ...foreignKeys, ...checks].map(({ name }) => name),
  ]
  for (const name of names)
    if (isTooLong(name, limit))
      throw new DefinitionError(
        `"${meta.name}" has the name "${name.slice(0, 80)}", which is longer than the ${limit.longest} ${limit.unit} that the database takes. Set a shorter table, column or index name.`,
      )
}

/** A statement ends at a NUL, and half a character has no bytes. */
export function checkComments(meta: ModelMetadata): void {
  const check = (where: string, text: unknown) => {
    if (text === undefined || (typeof text === 'string' && !text.includes('\0') && text.isWellFormed())) return
    throw new DefinitionError(`${where} must be a string of valid Unicode without NUL characters.`)
  }
  check(`The comment of "${meta.name}"`, meta.options.comment)
  for (const field of meta.fields) check(`The description of ${field}`, field.options.description)
}

function createTable(meta: ModelMetadata, late: ReadonlySet<ModelField>): CreateTableNode {
  const { foreignKeys, checks, fullText } = constraintsOf(meta)
  const lateColumns = new Set(meta.fields.filter((field) => late.has(field)).map((field) => field.column))
  return {
    kind: 'createTable',
    table: meta.table,
    columns: meta.fields.map(column),
    primaryKey: meta.primaryKey.map((field) => field.column),
    foreignKeys: foreignKeys.filter(({ columns }) => !columns.some((name) => lateColumns.has(name))),
    checks,
    ifNotExists: false,
    comment: meta.options.comment ?? null,
    fullText,
  }
}

function column(field: ModelField): ColumnDefinition {
  const { generated } = field
  return {
    name: field.column,
    type: field.dataType,
    nullable: field.nullable,
    isKey: field.primaryKey || field.descriptor.reference !== null,
    default: field.dbDefault,
    generated: generated === null ? null : { expression: generated, stored: field.options.stored === true },
    comment: field.options.description ?? null,
  }
}

function lateKeys(meta: ModelMetadata, late: ReadonlySet<ModelField>): AddForeignKeyNode[] {
  const columns = new Set(meta.fields.filter((field) => late.has(field)).map((field) => field.column))
  return constraintsOf(meta)
    .foreignKeys.filter((key) => key.columns.some((name) => columns.has(name)))
    .map((foreignKey) => ({ kind: 'addForeignKey', table: meta.table, foreignKey }))
}

/** Models so that each comes after those it points at; keys that close a circle are named, to be added afterwards. */
function inOrder(models: readonly ModelMetadata[]): { sorted: ModelMetadata[]; late: Set<ModelField> } {
  const wanted = new Set(models)
  const sorted: ModelMetadata[] = []
  const state = new Map<ModelMetadata, 'open' | 'done'>()
  const late = new Set<ModelField>()
  const visit = (meta: ModelMetadata): void => {
    state.set(meta, 'open')
    for (const field of meta.fields) {
      const target = field.descriptor.reference === null ? undefined : referencedModel(field)
      if (target === undefined || target === meta || !wanted.has(target)) continue
      if (state.get(target) === 'open') late.add(field)
      else if (state.get(target) === undefined) visit(target)
    }
    state.set(meta, 'done')
    sorted.push(meta)
  }
  for (const meta of wanted) if (state.get(meta) === undefined) visit(meta)
  return { sorted, late }
}
