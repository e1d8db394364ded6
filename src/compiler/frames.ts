import type { ColumnNode } from '../ast/expression.js'
import { aliasText } from '../ast/own-alias.js'
import type { StatementNode, TableSource } from '../ast/statement.js'
import type { TableModel } from '../ast/table.js'
import { reachesOut } from '../ast/walk.js'
import { UsageError } from '../errors.js'
import type { Node } from './node.js'

/** A statement or select that is being written. */
interface Frame {
  /** The name of its table in the SQL text; null if it has none. */
  readonly name: string | null
  /** The names of its tables in the SQL text by their names in the tree: its own table and those joined to it. */
  readonly names: ReadonlyMap<string, string>
  /** Tables that need an alias, because an outer table has the same name. */
  readonly aliases: ReadonlyMap<TableSource, string>
  /** It has several tables, so each column is written with the name of its table. */
  readonly qualified: boolean
  /** Its own table and those joined to it. */
  readonly sources: readonly (TableSource | null)[]
  readonly isSelect: boolean
  /** It can't see rows of the selects around it, because it is in FROM or in a CTE. */
  readonly apart: boolean
}

type Framed = Extract<StatementNode, { kind: 'select' | 'update' | 'delete' | 'insert' }>
const FRAMED: ReadonlySet<string> = new Set(['select', 'update', 'delete', 'insert'])
const isFramed = (node: Node): node is Framed => FRAMED.has(node.kind)
const APART: ReadonlySet<string> = new Set(['derivedTable', 'cte'])

/** Tracks the nesting of selects. It decides how a column is written, and renames tables whose name is taken. */
export class Frames {
  readonly #frames: Frame[] = []
  /** The depth of each derived table that is being written. */
  readonly #apart: number[] = []

  /** The number of statements and selects around the current position. */
  get depth(): number {
    return this.#frames.length
  }

  /** Called before each node. Returns the argument for `leave`, or null if there is nothing to leave. */
  enter(node: Node): 'frame' | 'apart' | null {
    if (APART.has(node.kind)) {
      this.#apart.push(this.#frames.length)
      return 'apart'
    }
    if (!isFramed(node)) return null
    this.#push(node)
    return 'frame'
  }

  leave(entered: 'frame' | 'apart'): void {
    if (entered === 'frame') this.#frames.pop()
    else this.#apart.pop()
  }

  #push(node: Framed): void {
    const own = node.kind === 'select' ? node.from : node.table
    const joined = node.kind === 'select' ? (node.joins ?? []).map((join) => join.source) : []
    const correlated = node.kind === 'select' && this.#frames.length > 0 && reachesOut(node)
    const sources = [own, ...joined]
    const names = new Map<string, string>()
    const aliases = new Map<TableSource, string>()
    for (const [i, source] of sources.entries()) {
      const given = givenName(source)
      if (source === null || given === null) continue
      const text = aliasText(given)
      const taken = (correlated && this.#isTaken(text)) || (text !== given && isGiven(text, sources))
      const name = taken ? this.#freeName(`corm_${this.#frames.length}${i === 0 ? '' : `_${i}`}`, sources) : text
      if (name !== given) aliases.set(source, name)
      names.set(given, name)
    }
    const given = givenName(own)
    const isSelect = node.kind === 'select'
    const apart = this.#apart.at(-1) === this.#frames.length
    const name = given === null ? null : (names.get(given) ?? null)
    this.#frames.push({ name, names, aliases, qualified: correlated || joined.length > 0, sources, isSelect, apart })
  }

  #isTaken(name: string): boolean {
    return this.#frames.some((frame) => [...frame.names.values()].includes(name))
  }

  /** Finds a free name, because a table of the user may already have the name that would be given here. */
  #freeName(name: string, sources: readonly (TableSource | null)[]): string {
    const isFree = (text: string) => !this.#isTaken(text) && !isGiven(text, sources)
    let text = name
    for (let i = 2; !isFree(text); i++) text = `${name}_${i}`
    return text
  }

  /** The alias for a table in FROM. */
  aliasOf(source: TableSource): string | null {
    return this.#frames.at(-1)?.aliases.get(source) ?? source.alias
  }

  /** Whether a column is read by a select from the table of a model, and not from a query or a view. */
  isStored(column: ColumnNode): boolean {
    return this.#frameOf(column)?.isSelect === true && this.modelOf(column)?.readOnly === false
  }

  /** The model whose table has the column. Undefined for the columns of queries, and of tables without a model. */
  modelOf(column: ColumnNode): TableModel | undefined {
    const { table } = column
    const sources = this.#frameOf(column)?.sources ?? []
    const source = table === null ? sources[0] : sources.find((each) => givenName(each) === table)
    return source?.kind === 'table' ? source.meta : undefined
  }

  #frameOf({ table, level = 0 }: ColumnNode): Frame | undefined {
    for (let i = this.#frames.length - 1 - level; i >= 0; i--) {
      const frame = this.#frames[i]
      if (table === null || frame?.names.has(table) === true) return frame
    }
    return undefined
  }

  qualifier({ table, level = 0, name, scope }: ColumnNode): string | null {
    if (scope !== undefined)
      throw new UsageError(
        `The column "${name}" belongs to a callback that has ended, or to another query's. Use the columns that the callback was given.`,
      )
    const last = this.#frames.length - 1
    if (level > 0) {
      for (let i = last; i > last - level; i--)
        if (this.#frames[i]?.apart === true)
          throw new UsageError(
            `A query that reads "${name}" of the row around it can't be a union, be cut by random() or a window, or stand in FROM: databases don't show it that row there.`,
          )
    }
    if (table !== null) return this.#named(table, last - level)
    const own = this.#frames[last - level]
    return level > 0 || own?.qualified === true ? (own?.name ?? null) : null
  }

  /** The SQL name of a table, as given by the frame at this index or by one around it. */
  #named(table: string, place: number): string {
    for (let i = place; i >= 0; i--) {
      const known = this.#frames[i]?.names.get(table)
      if (known !== undefined) return known
    }
    return aliasText(table)
  }
}

const isGiven = (name: string, sources: readonly (TableSource | null)[]): boolean =>
  sources.some((source) => givenName(source) === name)

function givenName(source: TableSource | null): string | null {
  if (source === null) return null
  return source.alias ?? (source.kind === 'table' ? source.name : null)
}
