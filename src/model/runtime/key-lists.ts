import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { holdsKeys, type KeyValues } from '../../query/link/key-condition.js'
import { own } from '../../util/own.js'

// Lists of keys as conditions. A database takes only so many in a statement, so longer ones become several statements.

/** The keys that one statement names, and the condition that a row has one of them. */
export interface KeyListCondition {
  readonly keys: readonly KeyValues[]
  readonly condition: ExpressionNode
}

interface KeyListOptions {
  /** What the values are checked as. */
  readonly typeOf?: (field: ModelField) => ValueType
  /** The most keys of a list, where the database would take more. */
  readonly most?: number | undefined
  /** All keys are one list: several statements would not do the same. One with too many values is refused. */
  readonly single?: boolean
}

/** Keys in lists that the dialect takes in one statement each. */
export function keyLists(
  fields: readonly ModelField[],
  keys: readonly KeyValues[],
  { capabilities }: Dialect,
  options?: KeyListOptions,
): readonly KeyListCondition[] {
  const { typeOf, most, single = false } = own(options)
  const lists = single ? [keys] : Key.of(fields).chunks(keys, capabilities, most)
  return lists.map((list) => ({ keys: list, condition: holdsKeys(fields, list, typeOf) }))
}

/** The rows of a query that have these keys: a query for each list. */
export const withKeys = (
  query: Query,
  fields: readonly ModelField[],
  keys: readonly KeyValues[],
  dialect: Dialect,
): readonly Query[] => keyLists(fields, keys, dialect).map(({ condition }) => query.restrict(condition))

/** Runs a write for the rows of each list, all or none; the number of rows. */
export async function writeEach(
  lists: readonly KeyListCondition[],
  executor: Executor,
  write: (condition: ExpressionNode, executor: Executor) => Promise<number>,
): Promise<number> {
  const [only, second] = lists
  if (only !== undefined && second === undefined) return write(only.condition, executor)
  if (only === undefined) return 0
  return executor.transaction(async (trx) => {
    let count = 0
    for (const { condition } of lists) count += await write(condition, trx)
    return count
  })
}
