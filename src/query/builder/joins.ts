import { bareSelect } from '../../ast/bare-select.js'
import { ANNOTATION, COLUMN, TABLE } from '../../ast/bases.js'
import type {
  AnnotationNode,
  ColumnNode,
  CteNode,
  ExpressionNode,
  JoinNode,
  JoinType,
  TableNode,
  TableSource,
} from '../../ast/expression.js'
import type { SelectNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import { isModel, type ModelMetadata, metadataOf } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { hasMember, proxyOf } from '../../util/own.js'
import { emptyRecord } from '../../util/record.js'
import { columnOf, columnsOf, translatedOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { tableOf } from '../columns/table.js'
import { collectPredicate, Expr, expressionOf } from '../expression/expression.js'
import { asItIs, callWithColumns, scopedTable } from '../path/callback.js'
import type { CteColumns, JoinedTable, PartOf, Shape } from '../shape.js'
import type { Rows } from '../statement/assemble.js'
import { isResultName } from './aggregate.js'

/** A query whose rows another one can read. */
export interface JoinableRows {
  readonly meta: ModelMetadata
  toRows(): Rows
}

/** A table made by `withRecursive`, for the query that goes on from it. */
export class CteRef {
  constructor(
    readonly name: string,
    readonly columns: CteColumns,
  ) {}
}

type CtePart = PartOf<'cte'>

/** The common table expression of this name in a query. */
function cteOf(shape: Shape, name: string): CtePart | undefined {
  return shape.each('cte').find(({ cte }) => cte.name === name)
}

export function ctePart(
  { meta, shape }: { meta: ModelMetadata; shape: Shape },
  { name, query, recursive }: Pick<CteNode, 'query' | 'recursive'> & { readonly name: unknown },
  columns: CteColumns,
): CtePart {
  refuseCteName(meta, shape, name)
  return { kind: 'cte', cte: { kind: 'cte', name, query, recursive }, columns }
}

export function refuseCteName(meta: ModelMetadata, shape: Shape, name: unknown): asserts name is string {
  refuseAlias(name, 'The name of a common table expression')
  if (name === meta.table)
    throw new UsageError(`A common table expression can't be named "${meta.table}": that is the model's own table.`)
  if (cteOf(shape, name) !== undefined)
    throw new UsageError(`The query has a common table expression named "${name}" already. Choose another name.`)
}

function refuseAlias(name: unknown, what: string): asserts name is string {
  if (!isResultName(name) || name.startsWith('corm_'))
    throw new UsageError(`${what} is made of letters, digits and _, and does not begin with "corm_".`)
}

type FromPart = PartOf<'from'>

/** Reads the rows of a query, of a common table expression or of a table with the model's columns. */
export function fromPart(context: Context & { readonly shape: Shape }, given: string | JoinableRows): FromPart {
  const { meta, annotations, shape } = context
  const part = typeof given === 'string' ? fromNamed(meta, shape, given) : fromRows(meta, given)
  for (const { name } of part.names)
    if (annotations?.has(name) === true)
      throw new UsageError(
        `from(): the source has a value named "${name}", and so has the query. Rename one of them with annotate().`,
      )
  return part
}

function fromNamed(meta: ModelMetadata, shape: Shape, name: string): FromPart {
  const cte = cteOf(shape, name)
  const source = { kind: 'table', name } as const
  if (cte !== undefined)
    return {
      kind: 'from',
      source,
      fields: fieldsIn(meta, cte.columns),
      names: namesIn(cte.columns.names),
      isGroups: cte.columns.isGroups,
    }
  if (name === '' || name.includes('\0')) throw new UsageError('from() takes the name of a table, or a query.')
  return { kind: 'from', source, fields: null, names: [], isGroups: false }
}

function fromRows(meta: ModelMetadata, given: JoinableRows): FromPart {
  if (given.meta !== meta)
    throw new UsageError(`from() of "${meta.name}" takes a query over "${meta.name}", not over "${given.meta.name}".`)
  const { query, fields, names, isGroups } = given.toRows()
  return { kind: 'from', source: { kind: 'rows', query }, fields, names: namesIn(names), isGroups }
}

const namesIn = (names: CteColumns['names']): AnnotationNode[] =>
  [...names].map(([name, type]) => ({ ...ANNOTATION, name, type }))

/** The model's fields that a table has by the names of their columns. */
function fieldsIn(meta: ModelMetadata, { fields, names }: CteColumns): ModelField[] {
  return meta.fields.filter(({ column }) => fields.some((field) => field.column === column) || names.has(column))
}

interface JoinTarget {
  readonly source: TableSource
  readonly table: JoinedTable
}

export interface JoinOptions {
  readonly type?: JoinType | undefined
  readonly alias?: string | undefined
}

/** The step of `join(target, on, options)`. */
export function joinPart(
  context: Context & { readonly shape: Shape },
  target: unknown,
  on: unknown,
  { type = 'inner', alias }: JoinOptions,
): { join: JoinNode; table: JoinedTable } {
  if (alias !== undefined) refuseAlias(alias, 'The alias of a join')
  const { source, table } = targetOf(context, target, alias)
  if (table.name === context.meta.table || Object.hasOwn(context.joined?.columns ?? {}, table.name))
    throw new UsageError(
      `The query has a table named "${table.name}" already. Give this one a name of its own: join(…, { alias: 'other' }).`,
    )
  return { join: { kind: 'join', type, source, on: onOf(context, table, on) }, table }
}

function onOf(context: Context, { columns }: JoinedTable, on: unknown): ExpressionNode {
  if (typeof on !== 'function') return expressionOf(on, 'join() takes a condition: (c, t) => c.id.eq(t.authorId)')
  let resolve = asItIs
  const node = collectPredicate(() => {
    const [result, own] = callWithColumns(context, on, (scope) => withEarlier(context, columns, scope))
    resolve = own
    return result
  }, 'The callback of join()')
  return resolve(node)
}

/** The columns of the joined table, and by their names the tables joined before it: a column's name comes first. */
function withEarlier({ joined }: Context, columns: object, scope: number): object {
  const own = scopedTable(columns, scope)
  if (joined === null) return own
  return proxyOf(own, {
    get(target, name) {
      const isTable = typeof name === 'string' && !(name in target) && Object.hasOwn(joined.columns, name)
      const table = isTable ? joined.columns[name] : undefined
      return table === undefined ? Reflect.get(target, name) : scopedTable(table, scope)
    },
  })
}

function targetOf(
  context: Context & { readonly shape: Shape },
  target: unknown,
  alias: string | undefined,
): JoinTarget {
  if (typeof target === 'string') {
    const cte = cteOf(context.shape, target)
    const name = alias ?? target
    const columns = cte === undefined ? anyColumns(name) : columnsUnder(name, cte.columns)
    return { source: { ...TABLE, name: target, alias: alias ?? null }, table: { name, columns } }
  }
  if (target instanceof CteRef) {
    const name = alias ?? target.name
    const source: TableNode = { ...TABLE, name: target.name, alias: alias ?? null }
    return { source, table: { name, columns: columnsUnder(name, target.columns) } }
  }
  if (isModel(target)) {
    const meta = metadataOf(target)
    const name = alias ?? meta.table
    return { source: tableOf(meta, alias ?? null), table: { name, columns: columnsOf(meta, name) } }
  }
  if (!isRowSource(target))
    throw new UsageError('join() takes a model, a query, or the name of a table or common table expression.')
  if (alias === undefined) throw new UsageError("A joined query needs a name: join(query, on, { alias: 'name' }).")
  const { query, ...columns } = target.toRows()
  return {
    source: { kind: 'derivedTable', query, alias },
    table: { name: alias, columns: columnsUnder(alias, columns) },
  }
}

const isRowSource = (value: unknown): value is JoinableRows =>
  typeof value === 'object' && value !== null && hasMember(value, 'toRows')

/** The columns of a table under its name; of a plain table any, as nothing is known of it. */
function anyColumns(table: string): object {
  return proxyOf(emptyRecord(), {
    get: (_, name) =>
      typeof name === 'string' && name !== 'then' && name !== 'toJSON'
        ? new Expr({ ...COLUMN, table, name, type: null })
        : undefined,
  })
}

function columnsUnder(table: string, { meta, fields, names }: CteColumns): object {
  const columns = emptyRecord<Expr>()
  const columnIn = (field: ModelField) => ({ ...columnOf(field), table })
  for (const field of fields) columns[field.name] = new Expr(columnIn(field))
  for (const each of meta.translations)
    if (each.fields.every((field) => fields.includes(field)))
      columns[each.name] = new Expr(translatedOf(each, columnIn))
  for (const [name, type] of names) columns[name] = new Expr({ ...COLUMN, table, name, type })
  return proxyOf(Object.freeze(columns), {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || name === 'then' || name === 'toJSON')
        return Reflect.get(target, name)
      throw new UsageError(
        `"${table}", made of "${meta.name}", has no column "${name.slice(0, 60)}". It has ${Object.keys(target).join(', ')}.`,
      )
    },
  })
}

/** What makes one join another shape than others: for a table of a query further out, the columns that it has there too. */
export function joinKey(join: JoinNode, target: unknown): readonly (SelectNode | ColumnNode)[] {
  const key: SelectNode = { ...bareSelect([]), joins: [join] }
  if (!(target instanceof CteRef)) return [key]
  const { fields, names } = target.columns
  return [key, ...fields.map(columnOf), ...[...names].map(([name, type]) => ({ ...COLUMN, table: null, name, type }))]
}

/** Rows that go on from a recursive query have its columns. */
export function refuseOtherColumns(base: CteColumns, step: CteColumns): void {
  const list = ({ fields, names }: CteColumns) => [...fields.map((field) => field.column), ...names.keys()].join(', ')
  if (list(base) !== list(step))
    throw new UsageError(
      `The two queries of withRecursive() select the same columns. The first has ${list(base)}; the second ${list(step)}.`,
    )
}
