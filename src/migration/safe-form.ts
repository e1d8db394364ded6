import type { DataType } from '../ast/data-type.js'
import { type ColumnState, needsValue, type SchemaOperation, type SchemaState } from '../ast/schema.js'
import { columnChange } from '../dialect/locks.js'
import { applied } from '../schema/operation/index.js'

// Changes that running programs survive: what adds comes first, and what they would stumble over waits for a deployment.

/** Gives the rows of a table without a value in a column one, in batches of which each is a transaction. */
export interface FillInBatches {
  readonly op: 'fillInBatches'
  readonly table: string
  readonly column: string
  /** The columns of the primary key. */
  readonly key: readonly string[]
  readonly type: DataType
  /** In canonical form. */
  readonly value: unknown
}

export type WrittenOperation = SchemaOperation | FillInBatches

export interface SafeForm {
  /** What programs that run now don't notice. */
  readonly expand: readonly WrittenOperation[]
  /** What waits until no program runs that was deployed earlier. */
  readonly contract: readonly WrittenOperation[]
}

interface Parts {
  readonly expand?: readonly WrittenOperation[]
  readonly contract?: readonly WrittenOperation[]
}

/** Splits operations into those that can run at once and those that wait for a deployment. */
export function safeForm(operations: readonly SchemaOperation[], from: SchemaState): SafeForm {
  const [expand, contract]: [WrittenOperation[], WrittenOperation[]] = [[], []]
  let state = from
  for (const operation of operations) {
    const parts = partsOf(operation, state, from)
    expand.push(...(parts.expand ?? []))
    contract.push(...(parts.contract ?? []))
    state = applied(operation, state)
  }
  return { expand, contract }
}

/** `from`: the tables that programs use. */
function partsOf(operation: SchemaOperation, before: SchemaState, from: SchemaState): Parts {
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

interface Filled {
  readonly table: string
  readonly column: ColumnState
  readonly fill?: unknown
}

const batchesOf = ({ table, column: { name, type }, fill }: Filled, before: SchemaState): FillInBatches => ({
  op: 'fillInBatches',
  table,
  column: name,
  key: before.tables.get(table)?.primaryKey ?? [],
  type,
  value: fill,
})

/** Programs that run now insert rows without the column until the deployment: it is filled after that. */
function filledLater(operation: Filled, before: SchemaState): Parts {
  const { table, column } = operation
  return {
    expand: [{ op: 'addColumn', table, column: { ...column, nullable: true }, fill: undefined }],
    contract: [batchesOf(operation, before), { op: 'alterColumn', table, column, using: null }],
  }
}
