import { isSame } from '../ast/canonical.js'
import type { ColumnSource } from '../ast/change.js'
import type { CreateFullTextNode, DropFullTextNode } from '../ast/definition.js'
import type { FullTextIndex } from '../ast/full-text.js'
import { isOneWay, mirrorsOf, type TableState } from '../ast/schema.js'
import type { Dialect, TableRebuild } from '../dialect/dialect.js'
import { columnDefinition, columnNamed, fullTextIndex, indexDefinition, tableDefinition } from './definitions.js'
import { createMirror, dropMirror } from './mirrors.js'
import { type SchemaStatement, textFor } from './statements.js'

/** Where the values of a column come from, tracked through the operations. */
interface ValueOrigin {
  /** The name of the column in the old table. */
  readonly from: string | null
  readonly using: string | null
  readonly fill: unknown
}

/** The origin of each column after the operations. */
function originsOf(before: TableState, statements: readonly SchemaStatement[]): ReadonlyMap<string, ValueOrigin> {
  const origins = new Map<string, ValueOrigin>(
    before.columns.map(({ name }) => [name, { from: name, using: null, fill: undefined }]),
  )
  for (const { operation, around } of statements) {
    if (operation.op === 'addColumn')
      origins.set(operation.column.name, { from: null, using: null, fill: operation.fill })
    else if (operation.op === 'swapColumns') {
      const [name, other] = [operation.column.name, operation.other.name]
      const [old, made] = [origins.get(name), origins.get(other)]
      if (old !== undefined && made !== undefined) origins.set(name, made).set(other, old)
    } else if (operation.op === 'removeColumn') origins.delete(operation.column)
    else if (operation.op === 'alterColumn') {
      const origin = origins.get(operation.column.name)
      const using = textFor(operation.using, around) ?? origin?.using ?? null
      const fill = operation.fill ?? origin?.fill
      if (origin !== undefined) origins.set(operation.column.name, { ...origin, using, fill })
    }
  }
  return origins
}

function sourcesOf(before: TableState, after: TableState, origins: ReadonlyMap<string, ValueOrigin>): ColumnSource[] {
  return after.columns.map((column) => {
    const { from = null, using = null, fill } = origins.get(column.name) ?? {}
    const old = from === null ? undefined : columnNamed(before, from)
    return {
      column: columnDefinition(after, column),
      from: old === undefined ? null : columnDefinition(before, old),
      using,
      fill,
    }
  })
}

const fullTextOf = (table: TableState): FullTextIndex[] =>
  table.indexes.flatMap((index) => fullTextIndex(table, index) ?? [])

/** Describes how to rebuild a table so that it matches another state. */
export function rebuildOf(
  before: TableState,
  after: TableState,
  statements: readonly SchemaStatement[],
  { capabilities }: Pick<Dialect, 'capabilities'>,
): TableRebuild {
  const { fullText, vectors } = capabilities
  const origins = originsOf(before, statements)
  const isKept = (name: string) => {
    const [old, made] = [columnNamed(before, name), columnNamed(after, name)]
    return origins.get(name)?.from === name && origins.get(name)?.using === null && isSame(old?.type, made?.type)
  }
  const [old, made] = [fullTextOf(before), fullTextOf(after)]
  // they convert between the types of their columns
  const turned = mirrorsOf(after).filter((mirror) => isOneWay(mirror))
  const stays = (index: FullTextIndex) =>
    old.some((each) => isSame(each, index)) &&
    made.some((each) => isSame(each, index)) &&
    [...index.columns, ...index.primaryKey].every(isKept)
  const parts = (index: FullTextIndex): CreateFullTextNode[] =>
    [...fullText.created(index), ...fullText.filled(index)].map((part) => ({ kind: 'createFullText', index, part }))
  const removed = (index: FullTextIndex): DropFullTextNode[] =>
    fullText.dropped(index).map((part) => ({ kind: 'dropFullText', index, part }))
  const isMade = ({ fullText: words, vector }: TableState['indexes'][number]) =>
    words === null && (vector === null || vectors?.indexes === true)
  return {
    before: tableDefinition(before),
    after: tableDefinition(after),
    sources: sourcesOf(before, after, origins),
    removed: [
      ...old.filter((index) => !stays(index)).flatMap(removed),
      ...turned.flatMap((mirror) => dropMirror(before.name, mirror, { capabilities })),
    ],
    indexes: [
      ...after.indexes.filter(isMade).map((index) => indexDefinition(after, index)),
      ...made.filter((index) => !stays(index)).flatMap(parts),
      ...turned.flatMap((mirror) => createMirror(after, mirror, { capabilities })),
    ],
    known: new Set(before.indexes.map(({ name }) => name)),
  }
}
