import { isSame } from '../ast/canonical.js'
import type { OperationOf, SchemaOperation, SchemaState } from '../ast/schema.js'
import { columnNamed } from '../schema/definitions.js'
import { usersOf } from '../schema/mentions.js'
import { applied } from '../schema/operation/index.js'

/** The old names of columns by the new ones, as `table.column`, of which both are there until the deployment is over. */
export type MirroredColumns = ReadonlyMap<string, string>

interface SplitRenames {
  /** Renames that programs which were deployed earlier don't survive. */
  readonly plain: readonly SchemaOperation[]
  readonly mirrored: MirroredColumns
  /** The state after the plain ones. */
  readonly state: SchemaState
}

/** Divides renames into those that take a second column for some time, and others. */
export function splitRenames(renames: readonly SchemaOperation[], from: SchemaState, to: SchemaState): SplitRenames {
  const plain: SchemaOperation[] = []
  const mirrored = new Map<string, string>()
  let state = from
  for (const operation of renames) {
    if (operation.op === 'renameColumn' && canMirror(operation, state, to)) {
      mirrored.set(`${operation.table}.${operation.to}`, operation.from)
      continue
    }
    plain.push(operation)
    state = applied(operation, state)
  }
  return { plain, mirrored, state }
}

/** Keys can't be in two columns, nor what is computed. Rows are copied in the order of the primary key, as they are. */
function canMirror(rename: OperationOf<'renameColumn'>, state: SchemaState, models: SchemaState): boolean {
  const table = state.tables.get(rename.table)
  const after = models.tables.get(rename.table)
  const [old, made] = [table && columnNamed(table, rename.from), after && columnNamed(after, rename.to)]
  if (table === undefined || old === undefined || made === undefined) return false
  if (table.primaryKey.length === 0 || table.primaryKey.includes(rename.from)) return false
  if (old.generated !== null || made.generated !== null || old.type.autoIncrement === true) return false
  if (!isSame(old.type, made.type) || usersOf(table, rename.from).generated.length > 0) return false
  return ![...state.tables.values()].some(({ foreignKeys }) =>
    foreignKeys.some((key) => key.table === table.name && key.references.includes(rename.from)),
  )
}
