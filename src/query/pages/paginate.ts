import type { OrderNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { Page } from '../../types/page.js'
import { andThen, type MaybePromise, promised } from '../../util/maybe-promise.js'
import { keyOrder } from '../columns/key-order.js'
import { pageOptions } from '../options.js'
import { gather } from '../statement/parts.js'
import { groupsOf } from './groups.js'
import { checkPage, isGrouped, type Pageable, refuseCut } from './pageable.js'

/** One page by its number: the rows (or groups), and how many there are in all. */
export function paginate(query: Pageable, given: unknown): MaybePromise<Page<object>> {
  const { page: number = 1, size = 25 } = pageOptions(given)
  checkPage(query.source.meta.name, { page: number, size })
  refuseCut(query, 'paginate')
  const grouped = isGrouped(query)
  const rows = (grouped ? byGroupAtLast(query) : byKeyAtLast(query)).page(number, size)
  const itemsOf = () => (grouped ? groupsOf(rows) : query.source.runner.entities(rows))
  // the rows of the page are locked, not all that are counted
  const counted = gather(query.source.meta, query.shape).lock === null ? query : query.unlocked()
  return andThen(query.source.runner.pageReader(query), async (reader) => {
    if (reader.parallel) {
      // both may fail, the second at once: as promises, neither failure is left unseen
      const read = () => promised(itemsOf)
      const [total, items] = await Promise.all([counted.count(), read()])
      return pageOf(items, total, number, size)
    }
    const total = await counted.count()
    return pageOf(await itemsOf(), total, number, size)
  })
}

function pageOf(items: object[], total: number, number: number, size: number): Page<object> {
  const pages = Math.ceil(total / size)
  return { items, total, number, size, pages, hasNext: number < pages, hasPrevious: number > 1 && total > 0 }
}

/** Adds the key to the order: without it, equal rows could be on two pages. */
function byKeyAtLast(query: Pageable): Pageable {
  const { meta } = query.source
  const { order, ordered, distinct } = gather(meta, query.shape)
  if (order.some(isRandom)) throw notRandom()
  const names = new Set(order.map(({ expression }) => (expression.kind === 'column' ? expression.name : null)))
  const keys = keyOrder(meta).filter(({ expression }) => expression.kind === 'column' && !names.has(expression.name))
  const added = ordered ? keys : [...order, ...keys]
  const whole = added.length === 0 ? query : query.ordered(added)
  // what DISTINCT rows are ordered by must be part of them
  return distinct ? whole.needing(meta.fields.filter((field) => names.has(field.column))) : whole
}

/** Groups differ in what they are grouped by. */
function byGroupAtLast(query: Pageable): Pageable {
  const { groupBy, order } = gather(query.source.meta, query.shape)
  if (order.some(isRandom)) throw notRandom()
  const added = groupBy.map(
    ({ expression }): OrderNode => ({ kind: 'order', expression, direction: 'asc', nulls: null }),
  )
  return query.ordered(added)
}

const notRandom = () =>
  new UsageError("random() can't be paginated, because each page would be random again. Use limit().")

const isRandom = ({ expression }: OrderNode) => expression.kind === 'call' && expression.name === 'random'
