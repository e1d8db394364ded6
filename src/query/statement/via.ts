import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { JoinNode } from '../../ast/statement.js'
import type { Carrying } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { columnOf } from '../columns/columns.js'
import { VIA, viaJoin } from '../link/tie.js'

/** What a query gets from a join table. */
interface Joining {
  readonly joins: JoinNode[]
  readonly named: Map<string, ExpressionNode>
  readonly types: Map<string, ValueType | null>
}

/** Joins the join table; what comes of it with each row has names of its own, which no caller's can meet. */
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

/** Whether a name stands for what a join table carries. */
export const isLinkName = (name: string): boolean => name.startsWith(LINK)
