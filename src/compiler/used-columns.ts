import type { AssignmentNode } from '../ast/statement.js'
import type { TableModel, TableNode } from '../ast/table.js'
import type { Frames } from './frames.js'
import type { Node } from './node.js'

/** The columns of a model's table that a statement names. */
export interface TableUse {
  readonly model: TableModel
  readonly columns: ReadonlySet<string>
}

/** Gathers, while a statement is written, which columns of which models it reads and writes. */
export class UsedColumns {
  readonly #byModel = new Map<TableModel, Set<string>>()

  note(node: Node, frames: Frames): void {
    switch (node.kind) {
      case 'column':
        return this.#add(frames.modelOf(node), [node.name])
      case 'insert':
        this.#add(
          node.table.meta,
          node.columns.map(({ name }) => name),
        )
        return this.#assigned(node.table, node.conflict?.assignments ?? [])
      case 'update':
        return this.#assigned(node.table, node.assignments)
    }
  }

  #assigned({ meta }: TableNode, assignments: readonly AssignmentNode[]): void {
    this.#add(
      meta,
      assignments.map(({ column }) => column),
    )
  }

  #add(model: TableModel | undefined, columns: readonly string[]): void {
    if (model === undefined) return
    const known = this.#byModel.get(model)
    if (known === undefined) this.#byModel.set(model, new Set(columns))
    else for (const column of columns) known.add(column)
  }

  /** Undefined if there are none. */
  list(): readonly TableUse[] | undefined {
    if (this.#byModel.size === 0) return undefined
    return [...this.#byModel].map(([model, columns]) => ({ model, columns }))
  }
}
