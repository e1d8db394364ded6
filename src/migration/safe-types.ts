import { isSame } from '../ast/canonical.js'
import type { DataType } from '../ast/data-type.js'
import { type IndexState, mirrorsOf, type OperationOf, type SchemaState, type TableState } from '../ast/schema.js'
import { storeTheSame, valueClassOf } from '../dialect/conversions.js'
import { type ColumnChange, columnChange, growsText, type LockTable, lockIn } from '../dialect/locks.js'
import { columnNamed } from '../schema/definitions.js'
import { indexUses, renamedIn } from '../schema/mentions.js'
import { swappedOut, whyNoSwap } from '../schema/operation/swaps.js'
import { shortName } from '../util/short-name.js'
import type { SafeParts } from './written-operation.js'

// A column whose type changes is two columns until the deployment is over. Programs use one name all the time: a trigger copies what
// they write to the column of the other type, until both exchange their names.

/** What is known when a column's type changes. */
export interface RetypeContext {
  /** What programs use that run now. */
  readonly from: SchemaState
  readonly before: SchemaState
  /** The models. */
  readonly models: SchemaState
  /** Those of the database; null: it is not known which one it is. */
  readonly locks: LockTable | null
}

/** A change of type that programs would wait for. */
interface Retyping extends RetypeContext {
  readonly operation: OperationOf<'alterColumn'>
  readonly change: ColumnChange
  readonly table: TableState
  readonly other: string
}

/** The parts of a change of type that takes a second column. Null if the change is none that programs wait for. */
export function retypedParts(operation: OperationOf<'alterColumn'>, context: RetypeContext): SafeParts | null {
  const change = columnChange(operation, context.before)
  const table = context.before.tables.get(operation.table)
  if (change === null || table === undefined || !change.isRetyped || operation.using !== null) return null
  if (!context.from.tables.has(table.name) || storeTheSame(change.from.type, change.to.type)) return null
  const retyping = { ...context, operation, change, table, other: nameOf(operation, context) }
  if (!isNeeded(retyping)) return null
  const why = whyNot(retyping)
  if (why === null) return partsOf(retyping)
  return { note: `it has no form in which programs don't wait: the column ${why}` }
}

/** A name like this one, for what is there until the change is over. */
function freeName(like: string, isFree: (name: string) => boolean): string {
  for (let i = 1; ; i++) {
    const name = shortName(`${like}_other_type${i === 1 ? '' : `_${i}`}`)
    if (isFree(name)) return name
  }
}

/** A name that no column has, before and after. */
function nameOf({ table, column }: OperationOf<'alterColumn'>, { before, models }: RetypeContext): string {
  const tables = [before.tables.get(table), models.tables.get(table)]
  return freeName(column.name, (name) =>
    tables.every((each) => each === undefined || columnNamed(each, name) === undefined),
  )
}

function swapOf({ operation: { table, column }, change, other }: Retyping): OperationOf<'swapColumns'> {
  return { op: 'swapColumns', table, column, other: swappedOut(change.from, other) }
}

/** Whether the rows are written again while programs wait, and the two columns spare them that. */
function isNeeded(retyping: Retyping): boolean {
  const { operation, change, before, locks } = retyping
  if (locks === null) return !growsText(change.from.type, change.to.type)
  const waits = (each: typeof operation | OperationOf<'swapColumns'>) => {
    const { lasts, blocksReads, blocksWrites } = lockIn(locks, each, before)
    return lasts === 'rewrite' && (blocksReads || blocksWrites)
  }
  return waits(operation) && !waits(swapOf(retyping))
}

/** Kinds of values that triggers of every database convert to each other. */
const CONVERTED: ReadonlySet<string> = new Set(['integer', 'decimal', 'text', 'date', 'dateTime'])

const isConverted = (type: DataType): boolean =>
  CONVERTED.has(valueClassOf(type)) && type.name !== 'enum' && type.sql === undefined && type.storage === undefined

const indexesOver = (table: TableState | undefined, column: string): readonly IndexState[] =>
  (table?.indexes ?? []).filter((index) => indexUses(index, column))

/** Why it has to be done in place, as the rest of a sentence that begins with the column; null: it has not. */
function whyNot({ operation, change, table, from, models }: Retyping): string | null {
  const { name } = operation.column
  const [first, last] = [from.tables.get(table.name), models.tables.get(table.name)]
  if (first === undefined || last === undefined || columnNamed(first, name) === undefined)
    return 'gets another name as well'
  if (table.primaryKey.length === 0) return 'is in a table without a primary key'
  const why = whyNoSwap(from, first, name) ?? whyNoSwap(models, last, name)
  if (why !== null) return why
  if (change.isTightened) return 'takes no NULL any more as well'
  if (!isConverted(change.from.type) || !isConverted(change.to.type)) return 'has a type that triggers do not convert'
  if (mirrorsOf(table).some((each) => each.from === name || each.to === name)) return 'is mirrored'
  if (!isSame(indexesOver(first, name), indexesOver(last, name))) return 'gets or loses an index as well'
  const isViewed = [...from.views.values(), ...models.views.values()].some(({ sql }) =>
    Object.values(sql).some((text) => text?.toLowerCase().includes(table.name.toLowerCase())),
  )
  return isViewed ? 'is in a table that a view reads' : null
}

/** The index over the other column, until both have exchanged their names. */
function indexOfOther({ operation: { column }, other, before }: Retyping, index: IndexState): IndexState {
  const taken = new Set([...before.tables.values()].flatMap(({ indexes }) => indexes.map(({ name }) => name)))
  return {
    ...index,
    name: freeName(index.name, (name) => !taken.has(name)),
    columns: index.columns.map((each) => (each === column.name ? other : each)),
    where: index.where && renamedIn(index.where, column.name, other),
  }
}

const READ_TWICE =
  'until this has run, programs find the old type, and then the new one: stop those that can not use both'

function partsOf(retyping: Retyping): SafeParts {
  const { operation, change, table, other } = retyping
  const { column } = operation
  const inTable = { table: table.name }
  const mirror = { ...inTable, from: column.name, to: other }
  const copy = { op: 'copyInBatches', ...mirror, key: table.primaryKey, isMirrored: true } as const
  const added = { ...swappedOut(column, other), type: column.type }
  const indexes = indexesOver(table, column.name).map((index) => [index, indexOfOther(retyping, index)] as const)
  const swap = swapOf(retyping)
  return {
    expand: [
      { op: 'addColumn', ...inTable, column: added, fill: undefined },
      { op: 'mirrorColumn', ...mirror, oneWay: true },
      { ...copy, when: 'up' },
      ...indexes.map(([, index]) => ({ op: 'createIndex', ...inTable, index, concurrently: true }) as const),
    ],
    contract: [
      swap,
      ...indexes.flatMap(
        ([{ name }, { name: from }]) =>
          [
            { op: 'dropIndex', ...inTable, name, concurrently: true },
            { op: 'renameIndex', ...inTable, from, to: name },
          ] as const,
      ),
      { ...copy, when: 'down' },
      { op: 'unmirrorColumn', ...mirror },
      { op: 'retireColumn', ...inTable, column: other },
    ],
    ...(valueClassOf(change.from.type) === valueClassOf(change.to.type) ? {} : { note: READ_TWICE, notes: swap }),
  }
}
