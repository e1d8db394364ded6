import type { OperationName, SchemaOperation, SchemaState } from '../../ast/schema.js'
import * as columns from './columns.js'
import * as constraints from './constraints.js'
import type { OperationKind } from './kind.js'
import * as mirrors from './mirrors.js'
import { swapColumns } from './swaps.js'
import * as tables from './tables.js'

/** Every kind of operation by its name. */
const KINDS: { readonly [Name in OperationName]: OperationKind<Name> } = {
  ...tables,
  addColumn: columns.addColumn,
  removeColumn: columns.removeColumn,
  retireColumn: columns.retireColumn,
  renameColumn: columns.renameColumn,
  alterColumn: columns.alterColumn,
  ...constraints,
  mirrorColumn: mirrors.mirrorColumn,
  unmirrorColumn: mirrors.unmirrorColumn,
  swapColumns,
}

const kindOf = ({ op }: SchemaOperation) => KINDS[op] as OperationKind<OperationName>

/** The state after an operation. */
export const applied = (operation: SchemaOperation, state: SchemaState): SchemaState =>
  kindOf(operation).apply(operation, state)

/** The operations that undo one, given the state before it. */
export const reversed = (operation: SchemaOperation, before: SchemaState): readonly SchemaOperation[] =>
  kindOf(operation).reverse(operation, before)

/** The data that an operation loses, as a phrase. Null if none. */
export const lossOf = (operation: SchemaOperation, before: SchemaState): string | null =>
  kindOf(operation).loses(operation, before)

/** The names that an operation changes or relies on, `*` for anything. */
export const touchesOf = (operation: SchemaOperation): readonly string[] => kindOf(operation).touches(operation)

/** What an operation does, in a few words. */
export const describeOperation = (operation: SchemaOperation): string => kindOf(operation).describe(operation)
