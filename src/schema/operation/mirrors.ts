import {
  isOneWay,
  type MirrorState,
  mirrorsOf,
  type SchemaState,
  type TableState,
  withMirrors,
} from '../../ast/schema.js'
import { MigrationError, quoted } from '../../errors.js'
import { changed, named, type OperationKind, tableIn } from './kind.js'

const isSame = (a: MirrorState, b: MirrorState) => a.from === b.from && a.to === b.to

const columnsOf = ({ from, to }: MirrorState) => [from, to]

function refusePlaces(table: TableState, mirror: MirrorState): void {
  const { name, columns, primaryKey } = table
  for (const column of columnsOf(mirror)) {
    const place = quoted(`${name}.${column}`)
    const { generated } = named(columns, column, `column of "${name}" called`)
    if (generated !== null)
      throw new MigrationError(`The column ${place} is generated, so no program writes it. It can't be mirrored.`)
    if (primaryKey.includes(column))
      throw new MigrationError(`The column ${place} is part of the primary key. It can't be mirrored.`)
    if (mirrorsOf(table).some((other) => columnsOf(other).includes(column)))
      throw new MigrationError(`The column ${place} is mirrored already. Write unmirrorColumn first.`)
  }
  if (mirror.from === mirror.to)
    throw new MigrationError(
      `The column ${quoted(`${name}.${mirror.from}`)} can't be its own mirror. Name two columns.`,
    )
}

/** Refuses to change a name that triggers use. Without a column: that of the table. */
export function refuseMirrored(table: TableState, column: string | null): void {
  const { name } = table
  const mirror = mirrorsOf(table).find((each) => column === null || columnsOf(each).includes(column))
  if (mirror === undefined) return
  const what = column === null ? `The table ${quoted(name)}` : `The column ${quoted(`${name}.${column}`)}`
  throw new MigrationError(
    `${what} can't be removed or renamed while "${mirror.from}" and "${mirror.to}" are mirrored. Write unmirrorColumn first.`,
  )
}

const direction = (of: Pick<MirrorState, 'oneWay'>) => (isOneWay(of) ? ({ oneWay: true } as const) : {})

export const mirrorColumn: OperationKind<'mirrorColumn'> = {
  apply: ({ table: name, from, to, ...given }, state) =>
    changed(state, name, (table) => {
      refusePlaces(table, { from, to })
      return { mirrors: [...mirrorsOf(table), { from, to, ...direction(given) }] }
    }),
  reverse: ({ table, from, to }) => [{ op: 'unmirrorColumn', table, from, to }],
  loses: () => null,
  touches: ({ table, from, to }) => [`${table}.${from}`, `${table}.${to}`],
  describe: ({ table, from, to }) => `mirror column ${table}.${from} to ${to}`,
}

function withoutMirror(state: SchemaState, name: string, mirror: MirrorState): SchemaState {
  const table = tableIn(state, name)
  const mirrors = mirrorsOf(table)
  if (!mirrors.some((each) => isSame(each, mirror)))
    throw new MigrationError(
      `The columns ${quoted(`${name}.${mirror.from}`)} and ${quoted(mirror.to)} are not mirrored at this point of the migrations. Correct the names, or write mirrorColumn first.`,
    )
  const left = mirrors.filter((each) => !isSame(each, mirror))
  const after = withMirrors(table, left)
  return { ...state, tables: new Map(state.tables).set(name, after) }
}

export const unmirrorColumn: OperationKind<'unmirrorColumn'> = {
  apply: ({ table, from, to }, state) => withoutMirror(state, table, { from, to }),
  reverse({ table, from, to }, before) {
    const mirror = mirrorsOf(tableIn(before, table)).find((each) => isSame(each, { from, to }))
    return [{ op: 'mirrorColumn', table, from, to, ...(mirror && direction(mirror)) }]
  },
  loses: () => null,
  touches: ({ table, from, to }) => [`${table}.${from}`, `${table}.${to}`],
  describe: ({ table, from, to }) => `stop mirroring column ${table}.${from} to ${to}`,
}
