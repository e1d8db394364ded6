import type { SchemaState, TableState } from '../../ast/schema.js'
import { widthOf } from '../../util/text-width.js'
import { shown } from '../output.js'
import { typeWord } from './type-text.js'

// Arranges tables in columns: each to the right of the tables that it references. Sizes are in pixels.

const CHARACTER = 7.3
const ROW = 22
const HEAD = 28
const PADDING = 12
const GAP = { x: 90, y: 32 } as const
const MARGIN = 24

export interface Line {
  readonly name: string
  readonly type: string
  readonly isKey: boolean
  readonly isForeignKey: boolean
}

export interface Box {
  readonly table: string
  readonly lines: readonly Line[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A foreign key as an arrow from the middle of one line to the middle of another. */
export interface Arrow {
  readonly from: Box
  readonly to: Box
  readonly fromLine: number
  readonly toLine: number
}

export interface Layout {
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
  readonly width: number
  readonly height: number
}

/** Calculates the positions of the tables of a schema. */
export function layoutOf({ tables }: SchemaState): Layout {
  const levels = levelsOf(tables)
  const boxes = new Map<string, Box>()
  let x = MARGIN
  for (const level of levels) {
    let y = MARGIN
    const made = level.map((table) => sized(table))
    for (const box of sortedByTargets(made, tables, boxes)) {
      boxes.set(box.table, { ...box, x, y })
      y += box.height + GAP.y
    }
    x += Math.max(0, ...made.map(({ width }) => width)) + GAP.x
  }
  const placed = [...boxes.values()]
  return {
    boxes: placed,
    arrows: arrowsOf(tables, boxes),
    width: Math.max(0, ...placed.map((box) => box.x + box.width)) + MARGIN,
    height: Math.max(0, ...placed.map((box) => box.y + box.height)) + MARGIN,
  }
}

/** Groups tables into levels by the length of their dependencies. Foreign keys that close a cycle are ignored. */
function levelsOf(tables: SchemaState['tables']): readonly (readonly TableState[])[] {
  const depths = new Map<string, number>()
  const open = new Set<string>()
  const depthOf = (table: TableState): number => {
    const known = depths.get(table.name)
    if (known !== undefined) return known
    open.add(table.name)
    let depth = 0
    for (const { table: name } of table.foreignKeys) {
      const target = tables.get(name)
      if (target !== undefined && !open.has(name)) depth = Math.max(depth, depthOf(target) + 1)
    }
    open.delete(table.name)
    depths.set(table.name, depth)
    return depth
  }
  const levels: TableState[][] = []
  for (const table of tables.values()) (levels[depthOf(table)] ??= []).push(table)
  return levels
}

function sized(table: TableState): Box {
  const lines = table.columns.map((column) => ({
    name: shown(column.name),
    type: `${shown(typeWord(column))}${column.nullable ? '?' : ''}`,
    isKey: table.primaryKey.includes(column.name),
    isForeignKey: table.foreignKeys.some(({ columns }) => columns.includes(column.name)),
  }))
  const longest = Math.max(
    widthOf(shown(table.name)) + 2,
    ...lines.map(({ name, type }) => widthOf(name) + widthOf(type) + 3),
  )
  const width = Math.round(longest * CHARACTER) + 2 * PADDING
  return { table: table.name, lines, x: 0, y: 0, width, height: HEAD + lines.length * ROW + PADDING / 2 }
}

/** Sorts tables so that they are close to the tables that they reference, which keeps arrows short. */
function sortedByTargets(
  level: readonly Box[],
  tables: SchemaState['tables'],
  placed: ReadonlyMap<string, Box>,
): readonly Box[] {
  const heightOf = ({ table }: Box): number => {
    const targets = (tables.get(table)?.foreignKeys ?? []).flatMap((key) => placed.get(key.table)?.y ?? [])
    return targets.length === 0 ? 0 : targets.reduce((sum, y) => sum + y, 0) / targets.length
  }
  return [...level].sort((a, b) => heightOf(a) - heightOf(b) || (a.table < b.table ? -1 : 1))
}

function arrowsOf(tables: SchemaState['tables'], boxes: ReadonlyMap<string, Box>): readonly Arrow[] {
  return [...tables.values()].flatMap((table) =>
    table.foreignKeys.flatMap(({ columns: [column], table: target, references: [reference] }): Arrow[] => {
      const [from, to] = [boxes.get(table.name), boxes.get(target)]
      if (from === undefined || to === undefined) return []
      const lineOf = (name: string, wanted: string | undefined) =>
        Math.max(0, tables.get(name)?.columns.findIndex((each) => each.name === wanted) ?? 0)
      return [{ from, to, fromLine: lineOf(table.name, column), toLine: lineOf(target, reference) }]
    }),
  )
}

/** The vertical position of the middle of a line. */
export const middleOf = (box: Box, line: number): number => box.y + HEAD + line * ROW + ROW / 2
export const SIZES = { row: ROW, head: HEAD, padding: PADDING } as const
