import { bareSelect } from '../../ast/bare-select.js'
import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { DeleteNode, SelectionNode, SelectNode, StatementNode, UpdateNode } from '../../ast/statement.js'
import { transformSelect } from '../../ast/transform.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { shortName } from '../../util/short-name.js'
import { unhandled } from '../../util/unhandled.js'
import { columnOf } from '../columns/columns.js'
import { everyRowOf, tableOf } from '../columns/table.js'
import { valueTypeOf } from '../expression/value-type.js'
import { VIA } from '../link/tie.js'
import { ownColumns, pathsAsQueries } from '../path/join-paths.js'
import type { Shape } from '../shape.js'
import { nestsAggregates, refuseAggregates } from './aggregates.js'
import { type Embedded, embed } from './embed.js'
import { type Ending, ended } from './ending.js'
import { groupColumns } from './group-rows.js'
import { withHybrid } from './hybrid.js'
import { loadedFields } from './loaded-fields.js'
import { holdsAggregate, inPlace, selectionInPlace } from './named.js'
import { gather, type QueryParts } from './parts.js'
import { limitPerOwner } from './per-owner.js'
import {
  conditionsOf,
  countGroups,
  fromRows,
  ofRows,
  operandSelect,
  refuseMissing,
  select,
  sumWindows,
} from './select.js'
import { namedSelection, one, selectionOf, shownSelection, unread } from './selections.js'
import { isLinkName } from './via.js'

/** The statement of a query, and the fields that its rows have for instances. */
export interface AssembledQuery {
  readonly statement: StatementNode
  /** The fields of an instance, in the model's order; null when the rows are not instances. */
  readonly fields: readonly ModelField[] | null
  /** The names whose values follow those of the fields. */
  readonly names: readonly string[]
  /** Relations whose rows are embedded in each row, after the named values. */
  readonly embedded?: readonly Embedded[]
  /** Values that no instance shows, after all others. */
  readonly marks?: readonly SelectionNode[]
  /** The relation whose join table adds values to the rows. They come before the named values of the query. */
  readonly via?: RelationMetadata | null
  /** How result columns are read, by position. */
  readonly selections: readonly SelectionNode[]
}

const gathered = (meta: ModelMetadata, shape: Shape): QueryParts => withHybrid(meta, gather(meta, shape))

export function assemble(meta: ModelMetadata, shape: Shape): AssembledQuery & Ending {
  const parts = { ...gathered(meta, shape), once: true }
  return ended(parts, { ...assembleParts(meta, parts), via: shape.via })
}

function assembleParts(meta: ModelMetadata, parts: QueryParts): AssembledQuery {
  const terminal = parts.terminal ?? { kind: 'entities' }
  switch (terminal.kind) {
    case 'rows':
      return plain(select(meta, parts, terminal.selections), parts)
    case 'aggregate':
      return plain(aggregate(meta, parts, terminal.selections), parts)
    case 'groups':
      return plain(select(meta, parts, groupColumns(meta, parts).selections), parts)
    case 'countGroups':
      return plain(countGroups(meta, parts), parts)
    case 'exists':
      return plain(exists(meta, { ...parts, order: [], limit: parts.limit ?? 1 }), parts)
    case 'update': {
      refuseAggregates(
        terminal.assignments.map(({ value }) => value),
        'update()',
      )
      const assignments = terminal.assignments.map((each) => ({ ...each, value: pathsAsQueries(meta, each.value) }))
      return write({ kind: 'update', ...target(meta, parts), assignments, returning: [] }, meta, parts)
    }
    case 'delete':
      return write({ kind: 'delete', ...target(meta, parts), returning: [] }, meta, parts)
    case 'entities':
      return entities(meta, parts)
    default:
      return unhandled(terminal)
  }
}

/** The query as a value: exactly the selected fields, or the primary key if none was selected. */
export function assembleSubquery(meta: ModelMetadata, shape: Shape): SelectNode {
  const parts = gathered(meta, shape)
  if (parts.terminal !== null && parts.terminal.kind !== 'rows')
    throw new UsageError(
      "A query that was made to run, such as a count, can't be used as a value. Pass the query with select(): Book.query().select('id').",
    )
  const fields = parts.chosen === null ? meta.primaryKey : [...parts.chosen]
  const names = parts.chosenNames
  const shown = parts.chosenShown
  if (shown === null && fields.length + names.length !== 1)
    throw new UsageError(`A query used as a value selects one field: ${meta.name}.query().select('id').`)
  const columns = shown === null ? fields.map(selectionOf) : [shownSelection(shown)]
  const ordered = parts.limit !== null || parts.offset !== null ? parts : { ...parts, order: [] }
  const selections = [...columns, ...names.map((name) => namedSelection(parts, name))]
  return withCtes(select(meta, ordered, selections), parts)
}

/** The query with only these fields, by which other rows are found. */
export function assembleKeys(meta: ModelMetadata, shape: Shape, fields: readonly ModelField[]): SelectNode {
  const parts = gathered(meta, shape)
  const isCut = parts.limit !== null || parts.offset !== null
  const selections = fields.map((field) => ({ ...selectionOf(field), alias: null }))
  return select(meta, isCut ? parts : { ...parts, order: [] }, selections)
}

/** The query as the operand of EXISTS. */
export function assembleExists(meta: ModelMetadata, shape: Shape): SelectNode {
  const parts = gathered(meta, shape)
  if (parts.terminal !== null)
    throw new UsageError(
      "A query that was made to run, such as a count, can't be used as a condition. Pass the query with its steps: Book.where('stock', 0).",
    )
  const cut = parts.limit !== null || parts.offset !== null
  return withCtes(select(meta, cut ? parts : { ...parts, order: [], distinct: false }, [one]), parts)
}

/** A value over related rows. */
export interface RelatedValue {
  readonly value: SelectionNode
  /** Adds the condition that the rows belong to the row of the enclosing select. */
  tie(rows: SelectNode): SelectNode
  /** The call that messages name. */
  readonly call: string
}

/** Computes one value from the rows that belong to the row of the enclosing select. */
export function assembleValue(
  { meta, shape }: { readonly meta: ModelMetadata; readonly shape: Shape },
  { value, call, tie }: RelatedValue,
): SelectNode {
  const parts = { ...gathered(meta, shape), order: [] }
  if (parts.terminal !== null || parts.groupBy.length > 0)
    throw new UsageError(`The callback of ${call} must return a query of rows, not of groups or values.`)
  if (parts.limit !== null || parts.offset !== null)
    throw new UsageError(
      `The callback of ${call} can't use limit() or offset(): they would apply before the rows are assigned to their owners. Use where(), or load some rows for each owner with with().`,
    )
  if (shape.via !== null && parts.source !== null)
    throw new UsageError(
      `The callback of ${call} can't read from a union or a query, because the join table with the owners of the rows is not part of it. Query the rows with related() instead.`,
    )
  const { having, after } = conditionsOf(parts)
  const isAggregate = holdsAggregate(value.expression)
  if (having !== null || after.length > 0 || (parts.distinct && isAggregate)) {
    const rows = ofRows(meta, parts, [value], (outer) => tieOutside(parts, tie(outer)))
    return withCtes(rows, parts)
  }
  const rows = tie(select(meta, { ...parts, distinct: false }, [value], isAggregate))
  if (parts.available !== null) refuseMissing(meta, rows, parts.available)
  return withCtes(rows, parts)
}

/** Replaces columns of the join table by names, because the join table is part of the inner select only. */
function tieOutside({ named, types }: QueryParts, rows: SelectNode): SelectNode {
  return transformSelect(rows, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (original.kind !== 'column' || original.table !== VIA || (original.level ?? 0) !== depth) return copy
    const name = shortName(`corm_key_${original.name}`)
    named.set(name, original)
    types.set(name, original.type)
    return { ...original, table: null, name }
  })
}

/** The rows of a query that another query reads from, and what they contain. */
export interface Rows {
  readonly meta: ModelMetadata
  readonly query: SelectNode
  readonly fields: readonly ModelField[]
  /** Names that the query has added, by their types. */
  readonly names: ReadonlyMap<string, ValueType | null>
  /** The rows are groups, or made from groups, so they are not instances. */
  readonly isGroups: boolean
}

export function assembleRows(meta: ModelMetadata, shape: Shape): Rows {
  const parts = gathered(meta, shape)
  if (parts.terminal !== null)
    throw new UsageError(
      "A query that was made to run, such as a count, has no rows for another one. Pass the query with its steps: Book.where('stock', 0).",
    )
  const query = withCtes(operandSelect(meta, parts), parts)
  if (parts.groupBy.length === 0)
    return { meta, query, fields: loadedFields(meta, parts), names: parts.types, isGroups: parts.isGroups }
  const { fields, names } = groupColumns(meta, parts)
  return { meta, query, fields, names, isGroups: true }
}

/** Rows as plain values under their names: exactly what was selected. */
export interface PlainRows {
  readonly query: SelectNode
  readonly names: ReadonlyMap<string, ValueType | null>
}

export function assemblePlain(meta: ModelMetadata, shape: Shape): PlainRows {
  const parts = gathered(meta, shape)
  if (parts.terminal !== null)
    throw new UsageError('unionRows() combines queries of rows or groups, which no other step has ended.')
  const columns = parts.groupBy.length > 0 ? plainGroups(meta, parts) : plainColumns(meta, parts)
  const isCut = parts.limit !== null || parts.offset !== null
  const selections = columns.map(({ name, selection }) => ({ ...unread(selection), alias: name }))
  const query = select(meta, isCut ? parts : { ...parts, order: [] }, selections)
  return { query: withCtes(query, parts), names: new Map(columns.map(({ name, type }) => [name, type])) }
}

interface PlainColumn {
  readonly name: string
  readonly type: ValueType | null
  readonly selection: SelectionNode
}

function plainColumns(meta: ModelMetadata, parts: QueryParts): PlainColumn[] {
  const { chosen } = parts
  const fields = chosen === null ? loadedFields(meta, parts) : [...chosen]
  const added = chosen === null ? [...parts.named.keys()] : [...parts.chosenNames, ...parts.namedLater]
  return [
    ...fields.map((field) => ({ name: field.name, type: field, selection: selectionOf(field) })),
    ...added
      .filter((name) => !isLinkName(name))
      .map((name) => ({ name, type: parts.types.get(name) ?? null, selection: namedSelection(parts, name) })),
  ]
}

function plainGroups(meta: ModelMetadata, parts: QueryParts): PlainColumn[] {
  const { keys, selections } = groupColumns(meta, parts)
  return keys.map((name, i) => {
    const selection = at(selections, i)
    return { name, type: selection.type, selection }
  })
}

/** Puts the common table expressions before the outermost select, where all selects can read them. */
const withCtes = (query: SelectNode, { ctes }: QueryParts): SelectNode =>
  ctes.length === 0 ? query : { ...query, ctes }

const plain = (query: SelectNode, parts: QueryParts): AssembledQuery => ({
  statement: withCtes(query, parts),
  fields: null,
  names: [],
  selections: query.selections,
})

function write(statement: UpdateNode | DeleteNode, meta: ModelMetadata, parts: QueryParts): AssembledQuery {
  const { terminal } = parts
  const returning = (terminal?.kind === 'update' || terminal?.kind === 'delete') && terminal.returning
  if (!returning) return { statement, fields: null, names: [], selections: [] }
  const name = [...parts.named.keys()].find((each) => !isLinkName(each))
  if (name !== undefined)
    throw new UsageError(
      `updateReturning() and deleteReturning() return fields, and the query also names "${name}". Remove the step that adds it (annotate, matches, nearest …), or find the rows by a subquery: whereIn('id', found.select('id')).`,
    )
  const fields = loadedFields(meta, parts)
  const selections = fields.map(selectionOf)
  return { statement: { ...statement, returning: selections }, fields, names: [], selections }
}

function entities(meta: ModelMetadata, parts: QueryParts): AssembledQuery {
  if (parts.groupBy.length > 0)
    throw new UsageError(
      'groupBy() needs aggregate(): a group is not an instance. values() and paginate() give groups with what annotate() has named.',
    )
  if (parts.isGroups)
    throw new UsageError(
      `The query reads groups of "${meta.name}", which can't be instances. Read them with values(), pluck() or aggregate().`,
    )
  if (parts.joins.some(({ type }) => type === 'right' || type === 'full'))
    throw new UsageError(
      `A right or full join has rows without a "${meta.name}", which can't be instances. Read them with values(), pluck() or aggregate().`,
    )
  const fields = loadedFields(meta, parts)
  const names = [...parts.named.keys()]
  const rows = parts.embedded.map(embed)
  const selections = [
    ...fields.map(selectionOf),
    ...names.map((name) => namedSelection(parts, name)),
    ...rows.map(([selection]) => selection),
    ...parts.marks,
  ]
  const statement =
    parts.perOwner === null ? select(meta, parts, selections) : limitPerOwner(meta, parts, selections, parts.perOwner)
  return {
    statement: withCtes(statement, parts),
    fields,
    names,
    embedded: rows.map(([, each]) => each),
    marks: parts.marks,
    selections,
  }
}

/** Aggregates are computed over the rows that the query returns, so a limit, DISTINCT or HAVING goes into a subquery. */
function aggregate(meta: ModelMetadata, parts: QueryParts, selections: readonly SelectionNode[]): SelectNode {
  if (parts.groupBy.length > 0) {
    const keys = parts.groupBy.flatMap(({ name, expression }): SelectionNode[] => {
      if (name === null) return []
      const alias = expression.kind === 'column' && expression.path === undefined ? null : name
      return [{ kind: 'selection', expression, alias, type: valueTypeOf(expression) }]
    })
    return select(meta, parts, [...keys, ...selections])
  }
  for (const selection of selections) refuseRowValue(meta, parts, selection)
  const nests =
    parts.named.size > 0 && selections.some(({ expression }) => nestsAggregates(inPlace(expression, parts.named)))
  const cut = parts.limit !== null || parts.offset !== null || parts.distinct || nests || sumWindows(parts, selections)
  // an aggregate is not a row, so it can't be locked
  if (!cut && parts.lock === null && conditionsOf(parts).having === null)
    return select(meta, { ...parts, order: [] }, selections, true)
  return ofRows(meta, parts, selections)
}

/** An aggregate gives one result for all rows, so it can't contain a value of each row. */
function refuseRowValue(meta: ModelMetadata, parts: QueryParts, selection: SelectionNode): void {
  const placed = selectionInPlace(selection, parts.named)
  if (holdsAggregate(placed.expression)) return
  const names = ownColumns(meta, bareSelect([placed]))
  if (names !== null && names.size > 0)
    throw new UsageError(
      `"${selection.alias}" of aggregate() is not an aggregate, because it has a value for each row. Use one (fn.sum, fn.max …), or group by it.`,
    )
}

/** Selects whether a row exists. With DISTINCT and OFFSET the fields must stay selected. */
function exists(meta: ModelMetadata, parts: QueryParts): SelectNode {
  if (parts.distinct && parts.offset !== null) return ofRows(meta, parts, [one])
  return select(meta, { ...parts, distinct: false }, [one])
}

/** The table of a write and the condition on its rows. A limit or an order needs a subquery for the keys. */
function target(meta: ModelMetadata, parts: QueryParts): Pick<UpdateNode, 'table' | 'where'> {
  const { where: given, having, after } = conditionsOf(parts)
  if (parts.source !== null)
    throw new UsageError(
      `The rows of a union, or of from(), can't be updated or deleted. Choose rows by their key: ${meta.name}.query().whereIn(…, query).`,
    )
  const cut =
    parts.limit !== null ||
    parts.offset !== null ||
    having !== null ||
    after.length > 0 ||
    parts.joins.length > 0 ||
    parts.ctes.length > 0
  if (given === null && !parts.everyRow && !parts.onlyTrashed && !cut)
    throw new UsageError(
      `This would change every row of "${meta.table}". Add a condition, or call all() if you mean every row: ${meta.name}.all().`,
    )
  if (parts.groupBy.length > 0 || parts.distinct)
    throw new UsageError(
      "A grouped or distinct query can't be updated or deleted. Leave out groupBy() and distinct(): conditions choose the rows.",
    )
  if (cut) return { table: everyRowOf(meta), where: byKeys(meta, parts) }
  return { table: tableOf(meta, null, parts.scope), where: given && pathsAsQueries(meta, given) }
}

/** Finds the rows by their keys. The scopes apply to the subquery that reads the keys. */
function byKeys(meta: ModelMetadata, parts: QueryParts): ExpressionNode {
  const [key, second] = meta.primaryKey
  if (key === undefined)
    throw new UsageError(
      `"${meta.name}" has no primary key: limit(), a join or a condition on groups can't stand before update() or delete().`,
    )
  const inner = select(
    meta,
    parts,
    meta.primaryKey.map((field) => ({ ...selectionOf(field), type: null })),
  )
  const list = withCtes(fromRows(inner, 'corm_rows', {}), parts)
  // uses IN instead of EXISTS: some databases would choose the rows again for each row
  const operand: ExpressionNode =
    second === undefined ? columnOf(key) : { kind: 'tuple', items: meta.primaryKey.map(columnOf) }
  return { kind: 'in', operand, list, negated: false }
}
