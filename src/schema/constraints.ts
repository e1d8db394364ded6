import { COLUMN } from '../ast/bases.js'
import { nodeOf } from '../ast/brand.js'
import type { CheckDefinition, CreateIndexNode, ForeignKeyDefinition, ReferenceAction } from '../ast/definition.js'
import type { ExpressionNode } from '../ast/expression.js'
import type { FullTextIndex } from '../ast/full-text.js'
import { structureOf } from '../ast/structure.js'
import { DefinitionError } from '../errors.js'
import { foreignKeysOf } from '../metadata/foreign-keys.js'
import { fullTextOf } from '../metadata/full-text.js'
import { indexesOf, indexField } from '../metadata/indexes.js'
import { type ModelMetadata, referencedModel } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { columnsOf, translatedColumn } from '../query/columns/columns.js'
import { memo } from '../util/memo.js'
import { anything, optionReader, text } from '../util/options.js'
import { isPlainObject, own } from '../util/own.js'
import { constraintName } from './names.js'

export interface Constraints {
  readonly indexes: readonly CreateIndexNode[]
  readonly fullText: readonly FullTextIndex[]
  readonly foreignKeys: readonly ForeignKeyDefinition[]
  readonly checks: readonly CheckDefinition[]
  /** The fields of a violated constraint, by its name. */
  readonly fieldsOf: ReadonlyMap<string, readonly string[]>
}

const known = new WeakMap<ModelMetadata, Constraints>()

/** Indexes, keys and checks of a model's table, with their names. */
export function constraintsOf(meta: ModelMetadata): Constraints {
  return memo(known, meta, build)
}

function build(meta: ModelMetadata): Constraints {
  const foreignKeys = meta.fields
    .filter((field) => field.descriptor.reference !== null)
    .map((field) => foreignKey(meta, field))
    .concat(optionKeys(meta))
  const wider = [...morphIndexes(meta), ...optionIndexes(meta), ...vectorIndexes(meta), ...translatedIndexes(meta)]
  const indexes = [...fieldIndexes(meta, wider), ...wider]
  const names = new Map<string, readonly string[]>()
  const toFields = (columns: readonly string[]) => columns.map((column) => meta.fieldOfColumn(column)?.name ?? column)
  for (const index of indexes) names.set(index.name, toFields(index.columns))
  for (const key of foreignKeys) names.set(key.name, toFields(key.columns))
  names.set('PRIMARY', toFields(meta.primaryKey.map((field) => field.column)))
  const checks = [...fieldChecks(meta, names), ...translatedChecks(meta, names), ...optionChecks(meta)]
  return { indexes, fullText: fullTextOf(meta), foreignKeys, checks, fieldsOf: names }
}

function foreignKey(meta: ModelMetadata, field: ModelField): ForeignKeyDefinition {
  const reference = field.descriptor.reference
  if (reference === null) throw new TypeError('not a foreign key')
  const target = referencedModel(field)
  return keyDefinition(meta, [field], { ...reference, target, references: target.primaryKey })
}

interface KeyParts {
  readonly name: string | undefined
  readonly target: ModelMetadata
  readonly references: readonly ModelField[]
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  readonly deferrable: boolean
}

function keyDefinition(
  meta: ModelMetadata,
  fields: readonly ModelField[],
  { name, target, references, onDelete, onUpdate, deferrable }: KeyParts,
): ForeignKeyDefinition {
  for (const field of fields) {
    if ((onDelete === 'setNull' || onUpdate === 'setNull') && !field.nullable)
      throw new DefinitionError(
        `${field} has onDelete or onUpdate 'setNull', but is not nullable. Add { nullable: true }.`,
      )
    if ((onDelete === 'setDefault' || onUpdate === 'setDefault') && field.dbDefault === null && !field.nullable)
      throw new DefinitionError(
        `${field} has onDelete or onUpdate 'setDefault', but its column has no default. Add { dbDefault }.`,
      )
  }
  const columns = fields.map(({ column }) => column)
  return {
    name: name ?? constraintName(meta.table, columns, 'fkey'),
    columns,
    table: target.table,
    references: references.map(({ column }) => column),
    onDelete,
    onUpdate,
    deferrable,
  }
}

function optionKeys(meta: ModelMetadata): ForeignKeyDefinition[] {
  return foreignKeysOf(meta).map(({ fields, ...rest }) => keyDefinition(meta, fields, rest))
}

function index(
  meta: ModelMetadata,
  columns: readonly string[],
  unique: boolean,
  more: Partial<CreateIndexNode> = {},
): CreateIndexNode {
  const name = constraintName(meta.table, columns, unique ? 'unique' : 'index')
  const types = columns.flatMap((column) => meta.fieldOfColumn(column)?.dataType ?? [])
  return {
    kind: 'createIndex',
    name,
    table: meta.table,
    columns,
    types,
    expression: null,
    sql: null,
    unique,
    where: null,
    method: null,
    vector: null,
    concurrently: false,
    ...more,
  }
}

/**
 * The indexes of single fields with `unique` or `index`, and of foreign keys. Joins and cascades need an index on the foreign
 * key, unless an index in `wider` begins with its column.
 */
function fieldIndexes(meta: ModelMetadata, wider: readonly CreateIndexNode[]): CreateIndexNode[] {
  const [first, second] = meta.keyless ? [] : meta.primaryKey
  // the index of the primary key serves its first column as well
  const isServed = (field: ModelField) => field === first && (second === undefined || field.options.index !== true)
  const leading = new Set(wider.filter(isOrdered).map(({ columns }) => columns[0]))
  const isNeeded = (field: ModelField) =>
    field.unique || (field.options.index ?? (field.descriptor.reference !== null && !leading.has(field.column)))
  return meta.fields
    .filter(isNeeded)
    .filter((field) => !isServed(field) || (field.unique && second !== undefined))
    .map((field) => index(meta, [field.column], field.unique))
}

/** Whether the index finds all rows by its first column. */
const isOrdered = ({ where, method, sql }: CreateIndexNode) =>
  where === null && sql === null && (method ?? 'btree').toLowerCase() === 'btree'

/** Indexes of polymorphic relations cover both fields, because queries use them together. */
function morphIndexes(meta: ModelMetadata): CreateIndexNode[] {
  return meta.fields.flatMap((field) => {
    if (field.descriptor.type !== 'morphType') return []
    const key = meta.fieldOrNull(field.name.replace(/Type$/, 'Id'))
    return key === undefined ? [] : [index(meta, [field.column, key.column], false)]
  })
}

function vectorIndexes(meta: ModelMetadata): CreateIndexNode[] {
  return meta.fields.flatMap((field) => {
    const made = field.kind.vector?.index ?? null
    if (made === null) return []
    const { metric, settings, use } = made
    return [index(meta, [field.column], false, { method: use.method, vector: { metric, settings } })]
  })
}

/** One index for each order in which the languages read the columns of a translated field. */
function translatedIndexes(meta: ModelMetadata): CreateIndexNode[] {
  return meta.translations.flatMap((translation) => {
    const { name, fields, indexed } = translation
    if (!indexed) return []
    return [...translation.orders()].map(([locale, order]) => {
      const node = translatedColumn(translation)
      const args = order.flatMap((place) => node.args[place] ?? [])
      // with a fixed order, the index is the same in whatever language it is created
      const expression = { ...node, args, type: fields[0] ?? null }
      const columns = fields.map(({ column }) => column)
      return index(meta, columns, false, {
        name: constraintName(meta.table, [name, 'shown', locale], 'index'),
        expression,
      })
    })
  })
}

function optionIndexes(meta: ModelMetadata): CreateIndexNode[] {
  return indexesOf(meta).flatMap((option) => {
    const { fields, where, method = null, sql = null, name, unique, fullText } = option
    if (fullText !== undefined && fullText !== false) return []
    const columns = fields.map((each) => indexField(meta, each).column)
    return index(meta, columns, unique === true, {
      method,
      sql,
      where: where === undefined ? null : predicate(meta, where, 'where of an index'),
      ...(name !== undefined && { name }),
    })
  })
}

/** The database also checks enums, and booleans if it has no type for them. */
function fieldChecks(meta: ModelMetadata, names: Map<string, readonly string[]>): CheckDefinition[] {
  return (
    meta.fields
      // custom SQL types are left to the user
      .filter(({ dataType: { name }, options }) => (name === 'enum' || name === 'boolean') && options.sql === undefined)
      .map((field) => {
        const name = constraintName(meta.table, [field.column], 'check')
        names.set(name, [field.name])
        const operand: ExpressionNode = { ...COLUMN, table: null, name: field.column, type: field }
        const values = field.dataType.name === 'boolean' ? [true, false] : (field.dataType.values ?? [])
        const [first, ...more] = values.map(
          (value): ExpressionNode => ({
            kind: 'comparison',
            operator: '=',
            left: operand,
            right: { kind: 'parameter', type: field, value },
          }),
        )
        const items = first === undefined ? [] : [first, ...more]
        return {
          name,
          predicate: first !== undefined && more.length === 0 ? first : { kind: 'logic', operator: 'or', items },
        }
      })
  )
}

/** Checks that a translated field has a value in one language. Each single column may be NULL. */
function translatedChecks(meta: ModelMetadata, names: Map<string, readonly string[]>): CheckDefinition[] {
  return meta.translations
    .filter(({ nullable }) => !nullable)
    .map((translation) => {
      const columns = translation.fields.map(({ column }) => column)
      const name = constraintName(meta.table, columns, 'check')
      names.set(name, [translation.name])
      // in the order of its columns: the statement is the same in every language
      const operand = { ...translatedColumn(translation), type: translation.fields[0] ?? null }
      return { name, predicate: { kind: 'nullTest', operand, negated: true } }
    })
}

const checkOptions = optionReader<{ readonly check: unknown; readonly name: string }>(
  'A check',
  { check: anything, name: text },
  DefinitionError,
)

function optionChecks(meta: ModelMetadata): CheckDefinition[] {
  return Object.entries(meta.options.checks ?? {}).map(([key, given]) => {
    const what = `check "${key}"`
    const { check, name = constraintName(meta.table, [key], 'check') } = own(
      isPlainObject(given) ? checkOptions(given, `The ${what} of "${meta.name}"`) : { check: given, name: undefined },
    )
    return { name, predicate: predicate(meta, check, what) }
  })
}

/** A condition from the options as an expression. It was turned into SQL when the model was defined. */
function predicate(meta: ModelMetadata, given: unknown, what: string): ExpressionNode {
  const value = typeof given === 'function' ? given(columnsOf(meta)) : given
  const node = nodeOf(value)
  if (node === undefined || node.kind === 'order')
    throw new DefinitionError(`The ${what} of "${meta.name}" must be a condition: c => c.price.gte(0).`)
  refuseSecrets(meta, node, what)
  return node
}

/** Refuses secret values in the definition of a table. They would be readable there, and would not follow the current key. */
function refuseSecrets({ name }: ModelMetadata, node: ExpressionNode, what: string): void {
  if (structureOf([node]).parameters.some(({ type }) => type?.dataType.secret !== undefined))
    throw new DefinitionError(
      `The ${what} of "${name}" compares an encrypted field with a value, which the database can't do. Test it for null, or check the value with "validate".`,
    )
}
