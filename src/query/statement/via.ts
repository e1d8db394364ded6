import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { JoinNode } from '../../ast/statement.js'
import type { Carrying } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { columnOf } from '../columns/columns.js'
import { VIA, viaJoin } from '../link/tie.js'

/** The parts of a query that a join table changes. */
interface Joining {
  readonly joins: JoinNode[]
  readonly named: Map<string, ExpressionNode>
  readonly types: Map<string, ValueType | null>
}

/** Joins the join table. Its columns get internal names, which can't collide with names of the user. */
export function goVia(to: Joining, relation: RelationMetadata, { read }: Carrying): void {
  const { through } = relation
  if (through === null) return
  to.joins.push(viaJoin(relation, through))
  read.forEach((field, i) => {
    const name = linkName(i)
    to.named.set(name, { ...columnOf(field), table: VIA })
    to.types.set(name, field)
  })
}

const LINK = 'corm_link_'
const linkName = (place: number) => `${LINK}${place}`

/** Whether a name belongs to a column of a join table. */
export const isLinkName = (name: string): boolean => name.startsWith(LINK)
