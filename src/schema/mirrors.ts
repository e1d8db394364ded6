import type { CreateMirrorNode, DropMirrorNode, MirrorPart } from '../ast/change.js'
import { isOneWay, type MirrorState, mirrorsOf, type SchemaState, type TableState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { columnNamed } from './definitions.js'
import { constraintName } from './names.js'

// Columns of which each gets the values that are written to the other one: while a column gets a new name, old programs write the
// old one and new programs the new one.

const nameOf = (table: string, { from, to }: MirrorState, part: MirrorPart) =>
  constraintName(table, [from, to], part === 'insert' || part === 'update' ? `mirror_${part}` : 'mirror')

type DialectFacts = Pick<Dialect, 'capabilities'>

/** What makes two columns mirror each other. */
export function createMirror(
  owner: TableState,
  state: MirrorState,
  { capabilities: { mirrorParts } }: DialectFacts,
): readonly CreateMirrorNode[] {
  const { name: table, primaryKey: key } = owner
  const { from, to } = state
  const [old, made] = [columnNamed(owner, from), columnNamed(owner, to)]
  const converts = isOneWay(state) && old && made ? { from: old.type, to: made.type } : null
  return mirrorParts.map((part) => ({
    kind: 'createMirror',
    table,
    part,
    name: nameOf(table, state, part),
    mirror: { from, to, key, converts },
  }))
}

/** What ends that. */
export const dropMirror = (
  table: string,
  mirror: MirrorState,
  { capabilities: { mirrorParts } }: DialectFacts,
): readonly DropMirrorNode[] =>
  [...mirrorParts].reverse().map((part) => ({ kind: 'dropMirror', table, part, name: nameOf(table, mirror, part) }))

/** The names of the triggers and functions that corm has made. */
export const mirrorNames = (
  { tables }: SchemaState,
  { capabilities: { mirrorParts } }: DialectFacts,
): ReadonlySet<string> =>
  new Set(
    [...tables.values()].flatMap((table) =>
      mirrorsOf(table).flatMap((mirror) => mirrorParts.map((part) => nameOf(table.name, mirror, part))),
    ),
  )
