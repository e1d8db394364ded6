import type { ColumnNode, ExpressionNode, SelectionNode, SelectNode } from '../../ast/expression.js'
import { numberOf, structureOf } from '../../ast/structure.js'
import { childrenOf, selectsOf, someInSelect, someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { memo } from '../../util/memo.js'
import { columnOf } from '../columns/columns.js'
import { isAggregate } from '../expression/nodes.js'
import { isWindow } from '../expression/window.js'
import { isJoinable } from '../path/join-paths.js'
import type { GroupKey } from '../shape.js'
import { holdsWindow, inPlace, type NamedExpressions } from './named.js'

/** The keys of a grouping, and what else is known about its groups. */
export interface GroupedBy {
  readonly keys: readonly ExpressionNode[]
  /** Each row is one group, so all of its columns are determined. */
  readonly rows: boolean
  /** The rows come from the model's own table, so the database knows which columns the primary key determines. */
  readonly isTable: boolean
  /** Values that an inner select computes and that are the same for all rows of a group, by their names. */
  readonly steady: ReadonlyMap<string, ExpressionNode>
}

/**
 * Checks that each group has one value of every column that the query reads. Otherwise some databases refuse the column, and
 * others return any of the values. Columns that the keys determine are added to GROUP BY, because no database recognizes all of
 * them: a primary key determines its row, and a foreign key the row that it references.
 */
export class Grouping {
  readonly #meta: ModelMetadata
  readonly #by: GroupedBy
  readonly #identities: ReadonlySet<unknown>
  readonly #added = new Map<unknown, ExpressionNode>()
  /** By path: whether the keys determine its row. */
  readonly #rows = new Map<string, boolean>()

  constructor(meta: ModelMetadata, by: GroupedBy) {
    this.#meta = meta
    this.#by = by
    this.#identities = new Set(by.keys.map((key) => this.#identityOf(key)))
  }

  /** The GROUP BY expressions, including the added columns. */
  get keys(): readonly ExpressionNode[] {
    return [...this.#by.keys, ...this.#added.values()]
  }

  /** Records that the query reads these expressions. Throws if a group has several values of one of them. */
  read(nodes: readonly ExpressionNode[], what: string): void {
    for (const node of nodes) {
      const found = this.#look(node, what === 'having()')
      if (found !== null)
        throw new UsageError(
          `"${[...(found.path ?? []), nameIn(this.#meta, found)].join('.')}" in ${what} is not in groupBy(), so a group has many of its values. Group by it too, or use it in an aggregate (fn.min, fn.max …).`,
        )
    }
  }

  /** Whether each group has one value of an expression. */
  knows(node: ExpressionNode): boolean {
    return this.#look(node, false) === null
  }

  /** Finds the first column in an expression that a group has several values of. */
  #look(node: ExpressionNode, asked: boolean): ColumnNode | null {
    // raw SQL is not checked
    if (isAggregate(node) || node.kind === 'raw' || this.#identities.has(this.#identityOf(node))) return null
    if (node.kind === 'column') return (node.level ?? 0) === 0 ? this.#column(node, asked) : null
    for (const child of childrenOf(node)) {
      const found = this.#look(child, asked)
      if (found !== null) return found
    }
    for (const select of selectsOf(node)) {
      const found = this.#ofGroup(select).find((column) => !this.#knowsOutside(column))
      if (found !== undefined) return found
    }
    return null
  }

  /** The columns in a subquery that belong to the row of the group. */
  #ofGroup(select: SelectNode): readonly ColumnNode[] {
    const columns: ColumnNode[] = []
    someInSelect(
      select,
      (node, depth) => {
        if (node.kind !== 'column' || node.scope !== undefined) return false
        if (node.level === depth || (node.level === undefined && node.table === this.#meta.table)) columns.push(node)
        return false
      },
      1,
    )
    return columns
  }

  /**
   * Whether a group has one value of a column that a subquery reads. Databases recognize grouped columns there, but not grouped
   * expressions, so a path needs the key that leads to it.
   */
  #knowsOutside(node: ColumnNode): boolean {
    if (node.path !== undefined) return this.#pathByKey(node, node.path) === null
    const column = { ...node, level: undefined }
    return this.#identities.has(this.#identityOf(column)) || this.#column(column, false) === null
  }

  #column(node: ColumnNode, asked: boolean): ColumnNode | null {
    const { path } = node
    if (path !== undefined) {
      if (!isJoinable(this.#meta, path)) return this.#pathByKey(node, path)
      return this.#knowsRow(path) || this.#by.rows ? this.#add(node) : node
    }
    if (isOther(this.#meta, node)) return this.#by.rows ? this.#add(node) : node
    if (this.#hasKey([], node.name)) return null
    if (!this.#knowsOwn(node.name)) return node
    return this.#by.isTable && !asked ? null : this.#add(node)
  }

  #add(node: ColumnNode): null {
    this.#added.set(this.#identityOf(node), node)
    return null
  }

  #pathByKey(node: ColumnNode, [first = '']: readonly string[]): ColumnNode | null {
    const keys = fieldsOf(relationOf(this.#meta, first)).map(columnOf)
    return keys.every((key) => this.#column(key, false) === null) ? null : node
  }

  #knowsOwn(name: string): boolean {
    const { rows, steady } = this.#by
    if (rows || (this.#knowsRow([]) && this.#meta.fieldOfColumn(name) !== undefined)) return true
    const node = steady.get(name)
    return node !== undefined && (this.#knowsRow([]) || !someNode(node, isOfRows))
  }

  #knowsRow(path: readonly string[]): boolean {
    const key = path.join('.')
    return memo(this.#rows, key, () => this.#decides(path))
  }

  #decides(path: readonly string[]): boolean {
    const relation = relationAt(this.#meta, path)
    const { primaryKey } = relation?.target ?? this.#meta
    if (primaryKey.length > 0 && primaryKey.every(({ column }) => this.#hasKey(path, column))) return true
    if (relation === null || !relation.unique) return false
    const before = path.slice(0, -1)
    return this.#knowsRow(before) || fieldsOf(relation).every(({ column }) => this.#hasKey(before, column))
  }

  #hasKey(path: readonly string[], column: string): boolean {
    return this.#by.keys.some(
      (key) =>
        key.kind === 'column' &&
        key.name === column &&
        !isOther(this.#meta, key) &&
        (key.path ?? []).join('.') === path.join('.'),
    )
  }

  /** Identifies an expression: the same for expressions with the same structure and values. */
  #identityOf(node: ExpressionNode): unknown {
    if (node.kind === 'column') {
      const { path, table, name } = node
      return `${path?.join('.') ?? ''}:${isOther(this.#meta, node) ? table : ''}:${name}`
    }
    const { key, parameters } = structureOf([node])
    return key === null ? node : `${key}${parameters.map(numberOf).join()}`
  }
}

/** The parts of a query that determine its groups. */
interface Grouped extends Pick<GroupedBy, 'steady'> {
  readonly groupBy: readonly GroupKey[]
  readonly named: NamedExpressions
  readonly source: object | null
  readonly isInside: boolean
}

/** The grouping of a query, before any expression was read. */
export const groupingOf = (meta: ModelMetadata, parts: Grouped): Grouping =>
  new Grouping(meta, {
    keys: parts.groupBy.map(({ expression }) => inPlace(expression, parts.named)),
    rows: false,
    isTable: isTable(parts),
    steady: parts.steady,
  })

/** Whether the rows of a query are read from the model's own table. */
export const isTable = ({ source, isInside }: Grouped): boolean => source === null && !isInside

/** The values of an inner select that each group has exactly one of. */
export function steadyNames(meta: ModelMetadata, parts: Grouped, computed: NamedExpressions): NamedExpressions {
  const grouping = groupingOf(meta, parts)
  return new Map([...computed].filter(([, node]) => grouping.knows(node)))
}

/** The named values that are windows over groups. They read the group keys, but they are not part of the keys. */
export function windowsOverGroups(meta: ModelMetadata, parts: Grouped): ReadonlySet<ExpressionNode> {
  const grouping = groupingOf(meta, parts)
  const keys = parts.groupBy.map(({ expression }) => inPlace(expression, parts.named))
  const isKey = (node: ExpressionNode) => keys.some((key) => someNode(key, (inner) => inner === node))
  return new Set([...parts.named.values()].filter((node) => holdsWindow(node) && !isKey(node) && grouping.knows(node)))
}

/**
 * Whether an expression may read single rows: a window in a subquery numbers rows instead of groups, and raw SQL may read
 * anything.
 */
const isOfRows = (node: ExpressionNode) => node.kind === 'raw' || isWindow(node)

/** The GROUP BY expressions. Throws if the query reads a column that a group has several values of. */
export function groupedBy(
  meta: ModelMetadata,
  parts: Grouped,
  by: Pick<GroupedBy, 'keys' | 'rows'>,
  read: Pick<SelectNode, 'orderBy' | 'having'> & { readonly placed: readonly SelectionNode[] },
): readonly ExpressionNode[] {
  const grouping = new Grouping(meta, { ...by, isTable: isTable(parts), steady: parts.steady })
  grouping.read(expressionsOf(read.placed), 'the result')
  grouping.read(expressionsOf(read.orderBy), 'orderBy()')
  if (read.having !== null) grouping.read([read.having], 'having()')
  return grouping.keys
}

/** The keys that make each row its own group. */
export function rowKeys(meta: ModelMetadata, selections: readonly SelectionNode[]): ExpressionNode[] {
  const keys = meta.primaryKey.map(columnOf)
  const columns = selections.flatMap(({ expression }) => (expression.kind === 'column' ? [expression] : []))
  const isKey = ({ name, table, path }: (typeof columns)[number]) =>
    table === null && path === undefined && keys.some((key) => key.name === name)
  return [...keys, ...columns.filter((column) => !isKey(column))]
}

export const expressionsOf = (items: readonly { readonly expression: ExpressionNode }[]) =>
  items.map(({ expression }) => expression)

/** The fields of the source that determine its related row. */
const fieldsOf = ({ sourceKeys, sourceMorph }: RelationMetadata): readonly ModelField[] =>
  sourceMorph === null ? sourceKeys : [...sourceKeys, sourceMorph.field]

/** The last relation of a path, null for an empty path. */
function relationAt(meta: ModelMetadata, path: readonly string[]): RelationMetadata | null {
  let from = meta
  let relation: RelationMetadata | null = null
  for (const name of path) {
    relation = relationOf(from, name)
    from = relation.target
  }
  return relation
}

/** Whether a column belongs to a table that was joined by hand, which may have several rows for one row of the model. */
const isOther = (meta: ModelMetadata, { table, path }: ColumnNode) =>
  path === undefined && table !== null && table !== meta.table

const nameIn = (meta: ModelMetadata, { name, type }: ColumnNode): string =>
  meta.fieldOfColumn(name)?.name ?? (type as { name?: string } | null)?.name ?? name
