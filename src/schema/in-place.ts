import { isSame } from '../ast/canonical.js'
import { type ColumnState, needsValue, type SchemaOperation, type TableState } from '../ast/schema.js'
import { columnNamed } from './definitions.js'
import { type SchemaNode, type SchemaStatement, statementsOf } from './statements.js'

// Decides which changes of a table ALTER TABLE can make, in a database that must rebuild the table for all others.

/**
 * How a change is made. `sure`: by statements that always work. `tried`: by statements that fail for some tables, which are
 * rebuilt then. `rebuilt`: only by rebuilding the table.
 */
export type Way = 'sure' | 'tried' | 'rebuilt'

type Alters = 'conditions' | 'columns'

/** A default that ALTER TABLE can give to existing rows. */
const isConstant = ({ default: value }: ColumnState): boolean =>
  value === null || (typeof value === 'object' && value.kind === 'parameter')

function wayOfAdding(column: ColumnState, alters: Alters): Way {
  const { generated, type } = column
  if (type.sql !== undefined || type.autoIncrement === true || generated?.stored === true) return 'rebuilt'
  if (!isConstant(column)) return 'rebuilt'
  if (!needsValue(column)) return 'sure'
  return alters === 'conditions' ? 'tried' : 'rebuilt'
}

const withoutNull = (column: ColumnState | undefined) => column && { ...column, nullable: null, retired: null }

function wayOfAltering(before: ColumnState | undefined, after: ColumnState | undefined, alters: Alters): Way {
  if (!isSame(withoutNull(before), withoutNull(after))) return 'rebuilt'
  if (before?.nullable === after?.nullable) return 'sure'
  return alters === 'conditions' ? 'tried' : 'rebuilt'
}

/** The changes of one table between two of its states. */
export interface TableChanges {
  readonly before: TableState
  readonly after: TableState
  readonly statements: readonly SchemaStatement[]
}

/** The addition or removal of a column that includes its single-column foreign key. */
function comesWith(changes: readonly SchemaOperation[], columns: readonly string[], op: 'addColumn' | 'removeColumn') {
  const [column, ...more] = columns
  if (more.length > 0) return undefined
  return changes.find((each) =>
    op === 'addColumn'
      ? each.op === 'addColumn' && each.column.name === column
      : each.op === 'removeColumn' && each.column === column,
  )
}

function wayOf({ operation, around }: SchemaStatement, all: readonly SchemaOperation[], alters: Alters): Way {
  const checks = alters === 'conditions' ? 'tried' : 'rebuilt'
  const column = (of: 'before' | 'after', table: string, name: string) => {
    const owner = around[of].tables.get(table)
    return owner && columnNamed(owner, name)
  }
  switch (operation.op) {
    case 'addColumn':
      return wayOfAdding(operation.column, alters)
    case 'removeColumn':
      return 'tried'
    case 'alterColumn': {
      const { table, column: to, using } = operation
      return using === null ? wayOfAltering(column('before', table, to.name), to, alters) : 'rebuilt'
    }
    case 'retireColumn': {
      const { table, column: name } = operation
      return wayOfAltering(column('before', table, name), column('after', table, name), alters)
    }
    case 'addCheck':
    case 'dropCheck':
      return checks
    case 'alterComment':
      return 'rebuilt'
    case 'addForeignKey': {
      const added = comesWith(all, operation.foreignKey.columns, 'addColumn')
      // with a default, the database would have to check the key for existing rows
      const isFree = added?.op === 'addColumn' && added.column.nullable && added.column.default === null
      return isFree && added.fill === undefined ? 'sure' : 'rebuilt'
    }
    case 'dropForeignKey': {
      const key = around.before.tables.get(operation.table)?.foreignKeys.find(({ name }) => name === operation.name)
      return key !== undefined && comesWith(all, key.columns, 'removeColumn') !== undefined ? 'tried' : 'rebuilt'
    }
    default:
      return 'sure'
  }
}

/** How all changes of a table are made together. */
export function wayOfAll(statements: readonly SchemaStatement[], alters: Alters): Way {
  const all = statements.map(({ operation }) => operation)
  const ways = new Set(statements.map((each) => wayOf(each, all, alters)))
  return ways.has('rebuilt') ? 'rebuilt' : ways.has('tried') ? 'tried' : 'sure'
}

/** The statements of changes that can be made in place. Foreign keys are added and removed together with their columns. */
export function nodesInPlace(statements: readonly SchemaStatement[]): readonly SchemaNode[] {
  const added = statements.flatMap(({ operation }) => (operation.op === 'addForeignKey' ? [operation.foreignKey] : []))
  return statements.flatMap(({ operation, around }): readonly SchemaNode[] => {
    if (operation.op === 'addForeignKey' || operation.op === 'dropForeignKey') return []
    return statementsOf(operation, around).map((node) => {
      if (node.kind !== 'addColumn') return node
      const foreignKeys = added.filter(({ columns }) => columns.length === 1 && columns[0] === node.column.name)
      return { ...node, foreignKeys }
    })
  })
}
