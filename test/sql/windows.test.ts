import { fn } from 'corm'
import { describe, it } from 'vitest'
import { Book, expectSql } from './support.js'

const books = () => Book.query().select('id')

describe('windows as SQL', () => {
  it('ranks over partitions', () => {
    expectSql(
      books()
        .annotate({
          r: (c) => fn.rank().over({ partitionBy: c.authorId, orderBy: [c.price.desc(), c.id] }),
          p: (c) => fn.percentRank().over({ orderBy: c.price }),
          t: (c) => fn.ntile(4).over({ orderBy: c.id }),
        })
        .select('r', 'p', 't'),
      {
        sqlite: [
          'select "id", rank() over (partition by "author_id" order by "price" desc, "id" asc) as "r", percent_rank() over (order by "price" asc) as "p", ntile(4) over (order by "id" asc) as "t" from "books"',
        ],
        postgres: [
          'select "id", rank() over (partition by "author_id" order by "price" desc, "id" asc) as "r", percent_rank() over (order by "price" asc) as "p", ntile(4) over (order by "id" asc) as "t" from "books"',
        ],
        mysql: [
          'select `id`, rank() over (partition by `author_id` order by `price` desc, `id` asc) as `r`, (percent_rank() over (order by `price` asc) + 0e0) as `p`, ntile(4) over (order by `id` asc) as `t` from `books`',
        ],
      },
    )
  })

  it('neighbours, with a value where there is none', () => {
    expectSql(
      books()
        .annotate({
          r: (c) => fn.lag(c.stock).over({ orderBy: c.id }),
          p: (c) => fn.lead(c.stock, 2, 0).over({ orderBy: c.id }),
        })
        .select('r', 'p'),
      {
        sqlite: [
          'select "id", lag("stock", 1) over (order by "id" asc) as "r", lead("stock", 2, ?) over (order by "id" asc) as "p" from "books"',
          0n,
        ],
        postgres: [
          'select "id", lag("stock", 1) over (order by "id" asc) as "r", lead("stock", 2, $1::int4) over (order by "id" asc) as "p" from "books"',
          0,
        ],
        mysql: [
          'select `id`, lag(`stock`, 1) over (order by `id` asc) as `r`, case when lead(1, 2) over (order by `id` asc) is null then ? else lead(`stock`, 2) over (order by `id` asc) end as `p` from `books`',
          0,
        ],
      },
    )
  })

  it('aggregates over some rows', () => {
    expectSql(
      books()
        .annotate({
          r: (c) =>
            fn
              .sum(c.stock)
              .filter(c.inPrint.eq(true))
              .over({ orderBy: c.id, rows: [-2, 0] }),
          p: (c) => fn.avg(c.price).over(),
          l: (c) => fn.lastValue(c.title).over({ orderBy: c.id, rows: ['unbounded', 'unbounded'] }),
        })
        .select('r', 'p', 'l'),
      {
        sqlite: [
          'select "id", sum("stock") filter (where "in_print" = ?) over (order by "id" asc rows between 2 preceding and current row) as "r", cast(corm_divided(sum("price") over (), 2, count("price") over (), 0, 10) as text) as "p", last_value("title") over (order by "id" asc rows between unbounded preceding and unbounded following) as "l" from "books"',
          1n,
        ],
        postgres: [
          'select "id", sum("stock") filter (where "in_print" = $1) over (order by "id" asc rows between 2 preceding and current row) as "r", round((sum("price") over () * 1.00000000000000) / nullif(count("price") over (), 0), 10) as "p", last_value("title") over (order by "id" asc rows between unbounded preceding and unbounded following) as "l" from "books"',
          true,
        ],
        mysql: [
          'select `id`, sum(case when `in_print` = ? then `stock` end) over (order by `id` asc rows between 2 preceding and current row) as `r`, round((sum(`price`) over () * 1.000000000000) / count(`price`) over (), 10) as `p`, last_value(`title`) over (order by `id` asc rows between unbounded preceding and unbounded following) as `l` from `books`',
          1,
        ],
      },
    )
  })
})
