import type { ValueType } from '../../ast/data-type.js'
import type { SelectionNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { present } from '../../util/expect.js'
import { valueTypeOf } from '../expression/value-type.js'
import type { GroupKey } from '../shape.js'
import { groupingOf } from './grouped.js'
import { inPlace } from './named.js'
import type { QueryParts } from './parts.js'
import { namedSelection, selectionOf } from './selections.js'
import { isLinkName } from './via.js'

/** The columns of a grouped query's rows: the fields and values in groupBy(), and other values that each group has one of. */
export interface GroupRowShape {
  readonly fields: readonly ModelField[]
  readonly names: ReadonlyMap<string, ValueType | null>
  /** The names of the columns in rows, in this order. */
  readonly keys: readonly string[]
  readonly selections: readonly SelectionNode[]
}

interface GroupColumn {
  readonly key: string
  readonly field: ModelField | null
  readonly selection: SelectionNode
}

export function groupColumns(meta: ModelMetadata, parts: QueryParts): GroupRowShape {
  const columns = parts.chosen === null ? allColumns(meta, parts) : chosenColumns(meta, parts)
  if (columns.length === 0)
    throw new UsageError(
      'The groups have no columns: what they are grouped by has no name. Name it with annotate(), and group by the name.',
    )
  const named = columns.flatMap(({ key, field, selection }) => (field === null ? [[key, selection.type] as const] : []))
  return {
    fields: columns.flatMap(({ field }) => field ?? []),
    names: new Map(named),
    keys: columns.map(({ key }) => key),
    selections: columns.map(({ selection }) => selection),
  }
}

function allColumns(meta: ModelMetadata, parts: QueryParts): GroupColumn[] {
  const keys = new Map<string, GroupColumn>()
  for (const key of parts.groupBy) if (key.name !== null) keys.set(key.name, keyColumn(meta, key.name, key, parts))
  const others = [...parts.named.keys()].filter((name) => !keys.has(name) && !isLinkName(name))
  return [...keys.values(), ...steadyColumns(meta, parts, others)]
}

/** The columns of named values that each group has exactly one of. */
function steadyColumns(meta: ModelMetadata, parts: QueryParts, names: readonly string[]): GroupColumn[] {
  const grouping = groupingOf(meta, parts)
  const isSteady = (name: string) => grouping.knows(present(parts.named.get(name), 'a named value'))
  return names.filter(isSteady).map((name) => namedColumn(name, parts))
}

const chosenColumns = (meta: ModelMetadata, parts: QueryParts): GroupColumn[] => [
  ...[...(parts.chosen ?? [])].map(fieldColumn),
  ...parts.chosenNames.map((name) => namedColumn(name, parts)),
  ...steadyColumns(meta, parts, parts.namedLater),
]

function keyColumn(meta: ModelMetadata, key: string, { expression }: GroupKey, parts: QueryParts): GroupColumn {
  if (expression.kind === 'annotation') return namedColumn(key, parts)
  const field = meta.hasField(key) ? meta.field(key) : null
  if (field !== null) return fieldColumn(field)
  const type = valueTypeOf(inPlace(expression, parts.named))
  return { key, field: null, selection: { kind: 'selection', expression, alias: key, type } }
}

const fieldColumn = (field: ModelField): GroupColumn => ({ key: field.name, field, selection: selectionOf(field) })

const namedColumn = (key: string, parts: QueryParts): GroupColumn => ({
  key,
  field: null,
  selection: namedSelection(parts, key),
})
