import { isSame } from '../ast/canonical.js'
import { type ColumnState, needsValue, type SchemaOperation, type SchemaState } from '../ast/schema.js'
import { columnChange, type LockTable } from '../dialect/locks.js'
import { applied } from '../schema/operation/index.js'
import { tableIn } from '../schema/operation/kind.js'
import type { MirroredColumns } from './mirrored-renames.js'
import { retypedParts } from './safe-types.js'
import type { FillInBatches, SafeParts, WrittenOperation } from './written-operation.js'

// Changes that running programs survive: what adds comes first, and what they would stumble over waits for a deployment.

export interface SafeForm {
  /** What programs that run now don't notice. */
  readonly expand: readonly WrittenOperation[]
  /** What waits until no program runs that was deployed earlier. */
  readonly contract: readonly WrittenOperation[]
  /** What the files say of operations, in comments. */
  readonly notes: ReadonlyMap<WrittenOperation, string>
}

/** What the form depends on, besides the operations. */
export interface SafeContext {
  /** The tables that programs use. */
  readonly from: SchemaState
  /** The schema that the models describe. */
  readonly models: SchemaState
  readonly locks: LockTable | null
  readonly mirrored?: MirroredColumns
}

/** Splits operations into those that can run at once and those that wait for a deployment. */
export function safeForm(
  operations: readonly SchemaOperation[],
  { from, models, locks, mirrored = new Map() }: SafeContext,
): SafeForm {
  const [expand, contract]: [WrittenOperation[], WrittenOperation[]] = [[], []]
  const notes = new Map<WrittenOperation, string>()
  const added = new Set(
    operations.flatMap((each) => (each.op === 'addColumn' ? [`${each.table}.${each.column.name}`] : [])),
  )
  let state = from
  for (const operation of operations) {
    const before = state
    const retyped = operation.op === 'alterColumn' ? retypedParts(operation, { from, before, models, locks }) : null
    const parts =
      mirroredParts(operation, before, mirrored) ??
      (isMadeAgain(operation, added) ? { expand: [operation] } : null) ??
      (retyped?.expand === undefined ? partsOf(operation, before, from) : retyped)
    const [now = [], later = []] = [parts.expand, parts.contract]
    expand.push(...now)
    contract.push(...later)
    const noted = retyped?.notes ?? now[0] ?? later.at(-1)
    if (retyped?.note !== undefined && noted !== undefined) notes.set(noted, retyped.note)
    state = applied(operation, state)
  }
  return { expand, contract, notes }
}

/** A column that is computed in another way is removed and added again. */
const isMadeAgain = (operation: SchemaOperation, added: ReadonlySet<string>): boolean =>
  operation.op === 'removeColumn' && added.has(`${operation.table}.${operation.column}`)

/** `from`: the tables that programs use. */
function partsOf(operation: SchemaOperation, before: SchemaState, from: SchemaState): SafeParts {
  switch (operation.op) {
    case 'createIndex': {
      const { index, table } = operation
      const isPlain = index.fullText === null && from.tables.has(table)
      return { expand: [isPlain ? { ...operation, concurrently: true } : operation] }
    }
    case 'dropIndex':
    case 'addForeignKey':
    case 'addCheck':
      return { expand: [from.tables.has(operation.table) ? { ...operation, concurrently: true } : operation] }
    case 'addColumn':
      return needsValue(operation.column) && from.tables.has(operation.table)
        ? filledLater(operation, before)
        : { expand: [operation] }
    case 'alterColumn': {
      const change = columnChange(operation, before)
      if (change?.isTightened !== true) return { expand: [operation] }
      const { fill, ...plain } = operation
      return { contract: fill === undefined ? [plain] : [batchesOf(operation, before), plain] }
    }
    case 'removeColumn':
    case 'dropTable':
      return { contract: [operation] }
    default:
      return { expand: [operation] }
  }
}

interface ColumnFill {
  readonly table: string
  readonly column: ColumnState
  readonly fill?: unknown
}

const batchesOf = ({ table, column: { name, type }, fill }: ColumnFill, before: SchemaState): FillInBatches => ({
  op: 'fillInBatches',
  table,
  column: name,
  key: before.tables.get(table)?.primaryKey ?? [],
  type,
  value: fill,
})

/** Programs that run now insert rows without the column until the deployment: it is filled after that. */
function filledLater(operation: ColumnFill, before: SchemaState): SafeParts {
  const { table, column } = operation
  return {
    expand: [{ op: 'addColumn', table, column: { ...column, nullable: true }, fill: undefined }],
    contract: [batchesOf(operation, before), { op: 'alterColumn', table, column, using: null }],
  }
}

/** The parts of a change of a column that has another name, or had. Null for other changes. */
function mirroredParts(operation: SchemaOperation, before: SchemaState, mirrored: MirroredColumns): SafeParts | null {
  if (operation.op === 'retireColumn') {
    const { table, column } = operation
    const isOld = [...mirrored].some(([name, old]) => old === column && name.startsWith(`${table}.`))
    return isOld ? { contract: [operation] } : null
  }
  if (operation.op !== 'addColumn') return null
  const from = mirrored.get(`${operation.table}.${operation.column.name}`)
  return from === undefined ? null : withMirror(operation, from, before)
}

/** Programs that run now go on with the old column, and new ones use the new one. */
function withMirror({ table: name, column }: ColumnFill, from: string, before: SchemaState): SafeParts {
  const table = tableIn(before, name)
  const old = table.columns.find((each) => each.name === from)
  const mirror = { table: name, from, to: column.name }
  const copy = { op: 'copyInBatches', table: name, key: table.primaryKey, isMirrored: false } as const
  // new programs don't name the old column
  const isOpened = old !== undefined && !old.nullable && (needsValue(old) || column.nullable)
  // an old program's row has no value in the new column, which a default would hide
  const added = { ...column, nullable: true, default: null }
  return {
    expand: [
      { op: 'addColumn', table: name, column: added, fill: undefined },
      ...(isOpened
        ? [{ op: 'alterColumn', table: name, column: { ...old, nullable: true }, using: null } as const]
        : []),
      { op: 'mirrorColumn', ...mirror },
      { ...copy, from, to: column.name, when: 'up' },
    ],
    contract: [
      { ...copy, from: column.name, to: from, when: 'down' },
      { op: 'unmirrorColumn', ...mirror },
      ...(isSame(added, column) ? [] : [{ op: 'alterColumn', table: name, column, using: null } as const]),
    ],
  }
}
