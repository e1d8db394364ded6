import { RAW } from '../../../ast/bases.js'
import type { ExpressionNode, ParameterNode } from '../../../ast/expression.js'
import type { ConflictNode, InsertNode, SelectionNode } from '../../../ast/statement.js'
import type { CompiledQuery } from '../../../compiler/compiler.js'
import type { Dialect } from '../../../dialect/dialect.js'
import { type StatementTemplate, TEMPLATE } from '../../../execution/statement.js'
import { type RowDecoder, rowDecoder } from '../../../hydrate/decoder.js'
import type { ModelMetadata } from '../../../metadata/metadata.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { gateOwn } from '../../../query/scopes/pass.js'
import { selectionOf } from '../../../query/statement/selections.js'
import { memo } from '../../../util/memo.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import { canonical } from '../canonical.js'
import { type CanonicalRow, givenBits, givenIn } from '../prepare.js'
import { createEncoder } from '../row-code.js'
import { writeMetadataOf } from '../write-metadata.js'
import { plansOf } from './plan.js'

/** Rows of a statement that stays prepared: few sizes, so that there are few of them. */
const PREPARED = new Set([1, 10, 50, 250, 1000])

/** What an insert does with an existing row. */
export interface Conflict {
  readonly node: ConflictNode
  /** The same for conflicts that only differ in the values of their parameters. */
  readonly key: string
  /** Whether the statement reports how many rows were inserted, instead of returning values. */
  readonly counted: boolean
  /** What the expressions of the update bind, in the order of their structure. */
  readonly parameters: readonly ParameterNode[]
}

/** How rows with values for exactly these fields are inserted, compiled once. */
export interface InsertPlan {
  readonly fields: readonly ModelField[]
  /** Canonical values by the fields' places → parameters. */
  encode(row: CanonicalRow): unknown[]
  /** The values that the update of a conflict binds, after those of all rows. */
  encodeConflict(conflict: Conflict | null): unknown[]
  /** All canonical values of a column → one parameter, where rows go in as lists. */
  readonly listEncoders: readonly ((canonical: readonly unknown[]) => unknown)[]
  /** The fields that the statement returns, because only the database knows them. */
  readonly returning: readonly ModelField[]
  /** Decodes a row of the result in place. */
  readonly decode: RowDecoder
  /** Whether the result has everything that the database filled in. */
  readonly complete: boolean
  /** The key comes from the driver's insert id rather than from RETURNING. */
  readonly numbered: ModelField | null
  /** The field that the database numbers, where the rows have their own numbers and the sequence must be raised. */
  readonly raises: ModelField | null
  /** The statement for so many rows, or for lists. */
  template(rows: number | 'lists'): StatementTemplate
}

/** The plan for rows with the same fields as this one (see `givenBits`). */
export function insertPlan(
  runtime: ModelRuntime,
  dialect: Dialect,
  row: CanonicalRow,
  conflict: Conflict | null = null,
): InsertPlan {
  const plans = plansOf(runtime, dialect)
  const given = givenBits(writeMetadataOf(runtime.meta).optional, row)
  const key = conflict === null ? given : `upsert:${given}:${conflict.key}`
  return memo(plans as Map<string | number, InsertPlan>, key, () =>
    build(runtime, dialect, givenIn(runtime, row), conflict),
  )
}

function build(
  { meta, explain }: ModelRuntime,
  dialect: Dialect,
  fields: readonly ModelField[],
  conflict: Conflict | null,
): InsertPlan {
  const { capabilities } = dialect
  const unknown = meta.fields.filter((field) => !fields.includes(field) && field.filledByDatabase)
  const onlyId = conflict === null ? onlyGeneratedId(unknown) : null
  const bySingleId =
    onlyId !== null &&
    capabilities.insertId &&
    onlyId.dataType.name === 'integer' &&
    capabilities.bulkInsert === 'repeat'
  const counted = conflict?.counted === true
  const returning = bySingleId || !capabilities.returning || counted ? [] : unknown
  const selections = counted ? insertedFlag(dialect) : returning.map(selectionOf)
  const compile = (rows: number | 'lists') =>
    compileInsert(meta, dialect, { fields, rows, conflict: conflict?.node ?? null, returning: selections })
  const templates = new Map<number | 'lists', StatementTemplate>()
  const lists = capabilities.bulkInsert === 'lists' ? compile('lists').bindings.map(({ encode }) => encode) : []
  const single = conflict === null ? null : compile(1)
  const conflictBindings = single?.bindings.slice(fields.length) ?? []
  const slots = conflictBindings.map(({ node, encode }) => ({
    place: conflict?.parameters.indexOf(node as ParameterNode) ?? -1,
    encode,
  }))
  const numbered = returning.length > 0 ? null : onlyId
  const hasRawSql = single?.hasRawSql === true
  const templateOf = ({ sql, intent, uses }: CompiledQuery, prepare = true): StatementTemplate => ({
    ...TEMPLATE,
    sql,
    intent,
    uses,
    inserts: true,
    prepare,
    rows: selections.length > 0,
    explain,
    hasRawSql,
  })
  return {
    fields,
    decode: rowDecoder(returning, (type) => dialect.codec(type)),
    complete: missingFields(meta, { fields, returning, numbered }).length === 0,
    encode: createEncoder(
      fields,
      fields.map((field) => dialect.codec(canonical(field)).encode),
    ),
    encodeConflict: (given) => slots.map(({ place, encode }) => encode((given as Conflict).parameters[place]?.value)),
    listEncoders: lists,
    returning,
    numbered,
    raises: dialect.raiseNumber === null ? null : (fields.find(isNumbered) ?? null),
    template(rows) {
      const known = templates.get(rows)
      if (known !== undefined) return known
      // any number of rows may go in by one statement: few of these texts are kept
      if (typeof rows === 'number' && rows > 1 && capabilities.bulkInsert === 'rows') {
        const one = compile(1)
        return templateOf({ ...one, sql: repeated(one.sql, compile(2).sql, rows) }, PREPARED.has(rows))
      }
      const template = templateOf(compile(rows))
      templates.set(rows, template)
      return template
    },
  }
}

/** The automatic id, if the database fills in nothing else. */
function onlyGeneratedId([only, second]: readonly ModelField[]): ModelField | null {
  return only !== undefined && second === undefined && isNumbered(only) ? only : null
}

const isNumbered = ({ dataType }: ModelField) => dataType.autoIncrement === true

/** The text for many rows, from those for one and two: what the second has more is repeated. */
function repeated(one: string, two: string, rows: number): string {
  let same = 0
  while (same < one.length && one[same] === two[same]) same++
  const end = one.slice(same)
  return one.slice(0, same) + two.slice(same, two.length - end.length).repeat(rows - 1) + end
}

/** For each row that an upsert returns: whether it is new. */
function insertedFlag({ wasInserted }: Dialect): SelectionNode[] {
  if (wasInserted === null) return []
  const expression: ExpressionNode = { ...RAW, texts: [wasInserted], nodes: [], dynamic: false, ours: true }
  return [{ kind: 'selection', expression, alias: null, type: null }]
}

/** The fields that the database fills in and the statement does not return. */
export function missingFields(
  meta: ModelMetadata,
  plan: Pick<InsertPlan, 'fields' | 'returning' | 'numbered'>,
): ModelField[] {
  return meta.fields.filter(
    (field) =>
      field.filledByDatabase &&
      !plan.fields.includes(field) &&
      !plan.returning.includes(field) &&
      plan.numbered !== field,
  )
}

interface InsertParts {
  readonly fields: readonly ModelField[]
  readonly rows: number | 'lists'
  readonly conflict: ConflictNode | null
  readonly returning: readonly SelectionNode[]
}

function compileInsert(
  meta: ModelMetadata,
  dialect: Dialect,
  { fields, rows, conflict, returning }: InsertParts,
): CompiledQuery {
  const parameter = (field: ModelField): ParameterNode => ({ kind: 'parameter', type: canonical(field), value: null })
  const source: InsertNode['source'] =
    rows === 'lists'
      ? { kind: 'lists', lists: fields.map((field) => ({ kind: 'list', type: canonical(field), values: [] })) }
      : { kind: 'rows', rows: Array.from({ length: rows }, (): ExpressionNode[] => fields.map(parameter)) }
  const columns = fields.map((field) => ({ name: field.column, type: field }))
  const table = everyRowOf(meta)
  return dialect.compiler.compile(gateOwn({ kind: 'insert', table, columns, source, conflict, returning }))
}
