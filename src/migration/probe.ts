import type { SchemaObject } from '../dialect/migration.js'
import type { SchemaNode } from '../schema/statements.js'

/** How to find out whether an interrupted statement is done. */
export type Probe =
  | { readonly kind: 'makes' | 'drops'; readonly object: SchemaObject }
  /** What is so afterwards if the table has its columns in the order of the migrations. */
  | { readonly kind: 'orders'; readonly object: SchemaObject }
  | { readonly kind: 'renames'; readonly from: SchemaObject; readonly to: SchemaObject }
  /** A query that returns a row if it is done. */
  | { readonly kind: 'asks'; readonly sql: string }
  /** It can be run twice. */
  | { readonly kind: 'again' }
  /** The database can't show whether the statement is done. */
  | { readonly kind: 'none' }

const AGAIN: Probe = { kind: 'again' }

const thing = (kind: SchemaObject['kind'], table: string, name: string): SchemaObject => ({
  kind,
  table,
  name,
  before: null,
})
const makes = (object: SchemaObject): Probe => ({ kind: 'makes', object })
const drops = (object: SchemaObject): Probe => ({ kind: 'drops', object })

/** Probes a rename. Some databases treat names that differ only by case as equal; repeating such a rename is harmless. */
function renames(from: SchemaObject, to: SchemaObject): Probe {
  if (from.name.toLowerCase() === to.name.toLowerCase()) return AGAIN
  return { kind: 'renames', from, to }
}

/** How to find out whether the statement of a node is done. */
export function probeOf(node: SchemaNode): Probe {
  switch (node.kind) {
    case 'createTable':
      return makes(thing('table', node.table, node.table))
    case 'dropTable':
      return drops(thing('table', node.table, node.table))
    case 'renameTable':
      return renames(thing('table', node.table, node.table), thing('table', node.to, node.to))
    case 'addColumn':
      return makes(thing('column', node.table, node.column.name))
    case 'dropColumn':
      return drops(thing('column', node.table, node.column))
    case 'renameColumn':
      return renames(thing('column', node.table, node.from), thing('column', node.table, node.to))
    case 'swapColumns': {
      const [first, second] = node.first === node.column.name ? [node.column, node.other] : [node.other, node.column]
      const object = { kind: 'order', table: node.table, name: first.name, before: second.name } as const
      return { kind: 'orders', object }
    }
    case 'createIndex':
      return makes(thing('index', node.table, node.name))
    case 'dropIndex':
      return drops(thing('index', node.table, node.name))
    case 'renameIndex':
      return renames(thing('index', node.table, node.from), thing('index', node.table, node.to))
    case 'createFullText':
      return makes(thing('index', node.index.table, node.index.name))
    case 'dropFullText':
      return drops(thing('index', node.index.table, node.index.name))
    case 'addForeignKey':
      return makes(thing('foreignKey', node.table, node.foreignKey.name))
    case 'dropForeignKey':
      return drops(thing('foreignKey', node.table, node.name))
    case 'addCheck':
      return makes(thing('check', node.table, node.check.name))
    case 'dropCheck':
      return drops(thing('check', node.table, node.name))
    case 'createMirror':
      return makes(thing('trigger', node.table, node.name))
    case 'dropMirror':
      return drops(thing('trigger', node.table, node.name))
    case 'createView':
      return makes(thing('view', node.name, node.name))
    case 'dropView':
      return drops(thing('view', node.name, node.name))
    // repeating the check of a valid constraint is harmless
    case 'validateConstraint':
    // they say all of what they change, whatever it was before
    case 'alterColumn':
    case 'fillColumn':
    case 'comment':
    case 'createExtension':
      return AGAIN
    case 'copyRows':
    case 'convertColumn':
    case 'findRows':
      return { kind: 'none' }
  }
}

/** `partly`: the statement left an unfinished object, which must be removed before the next attempt. */
export type StepState = 'done' | 'pending' | 'partly' | 'unknown'

/** Asks the database. `find` returns 1 for an object that is there, 0 for an unfinished one, null for none. */
export async function stepStateOf(
  probe: Probe,
  find: (object: SchemaObject) => Promise<number | null>,
  ask: (sql: string) => Promise<boolean>,
): Promise<StepState> {
  switch (probe.kind) {
    case 'again':
      return 'pending'
    case 'none':
      return 'unknown'
    case 'asks':
      return (await ask(probe.sql)) ? 'done' : 'pending'
    case 'makes': {
      const found = await find(probe.object)
      return found === null ? 'pending' : found === 0 ? 'partly' : 'done'
    }
    case 'orders':
      return (await find(probe.object)) === null ? 'pending' : 'done'
    case 'drops':
      return (await find(probe.object)) === null ? 'done' : 'pending'
    case 'renames': {
      const [from, to] = [await find(probe.from), await find(probe.to)]
      if (from === null) return to === null ? 'unknown' : 'done'
      return to === null ? 'pending' : 'unknown'
    }
  }
}
