import type { ColumnNode } from '../ast/expression.js'
import type { DerivedTableNode, StatementNode, TableNode } from '../ast/statement.js'
import { reachesOut } from '../ast/walk.js'
import { UsageError } from '../errors.js'

/** A statement or select that is being written. */
interface Frame {
  /** What its table is; null: it has none. */
  readonly source: TableNode | DerivedTableNode | null
  /** What its table is called by those who wrote it. */
  readonly given: string | null
  /** What its table is called in the text. */
  readonly name: string | null
  /** Set where the table needs a name of its own, because one around it has the same. */
  readonly alias: string | null
  /** Columns of several tables are at hand: each is written with the name of its table. */
  readonly qualified: boolean
  /** Stands where rows of the selects around it are not seen: in FROM, or ahead of the statement. */
  readonly apart: boolean
}

type Framed = Extract<StatementNode, { kind: 'select' | 'update' | 'delete' | 'insert' }>
const FRAMED: ReadonlySet<string> = new Set(['select', 'update', 'delete', 'insert'])
const APART: ReadonlySet<string> = new Set(['derivedTable', 'cte'])

/** Which selects are around which: tells how a column is written, and gives tables names where theirs is taken. */
export class Frames {
  readonly #frames: Frame[] = []
  /** How many frames are around each derived table that is being written. */
  readonly #apart: number[] = []

  /** Called before each node; what `leave` is to be told, or null. */
  enter(node: { readonly kind: string }): 'frame' | 'apart' | null {
    if (APART.has(node.kind)) {
      this.#apart.push(this.#frames.length)
      return 'apart'
    }
    if (!FRAMED.has(node.kind)) return null
    this.#push(node as Framed)
    return 'frame'
  }

  leave(entered: 'frame' | 'apart'): void {
    if (entered === 'frame') this.#frames.pop()
    else this.#apart.pop()
  }

  #push(node: Framed): void {
    const source = node.kind === 'select' ? node.from : node.table
    const given = source === null ? null : (source.alias ?? (source.kind === 'table' ? source.name : null))
    const taken = given !== null && this.#frames.some((frame) => frame.name === given)
    const correlated = node.kind === 'select' && this.#frames.length > 0 && reachesOut(node)
    const alias = taken && correlated ? `corm_${this.#frames.length}` : null
    const qualified = correlated || (node.kind === 'select' && node.joins !== undefined && node.joins.length > 0)
    const apart = this.#apart.at(-1) === this.#frames.length
    this.#frames.push({ source, given, name: alias ?? given, alias, qualified, apart })
  }

  /** The name to give to a table in FROM. */
  aliasOf(source: TableNode | DerivedTableNode): string | null {
    const frame = this.#frames.at(-1)
    return frame?.source === source && frame.alias !== null ? frame.alias : source.alias
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
      return this.#frames[last - level]?.name ?? null
    }
    if (table !== null) {
      for (let i = last; i >= 0; i--) {
        const { given, name: known } = this.#frames[i] as Frame
        if (given === table) return known
      }
      return table
    }
    const own = this.#frames[last]
    return own?.qualified === true ? own.name : null
  }
}
