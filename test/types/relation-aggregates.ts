import { type AnyQuery, fn, type QueryBuilder } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

export async function counts() {
  const author = await Author.query().withCount('works', 'mentees').withExists('profile').firstOrFail()
  is<number>()(author.worksCount)
  is<number>()(author.menteesCount)
  is<boolean>()(author.profileExists)
  is<string>()(author.name)
  // @ts-expect-error: was not asked for
  author.profileCount
  // @ts-expect-error: the rows themselves are not loaded
  author.works[0]?.title

  const named = await Author.query()
    .withCount({ works: { as: 'cheap', where: (q) => q.where('price', '<', 10) }, mentees: {} })
    .withExists({ works: { as: 'wrote' }, profile: { where: (q) => q.whereNotNull('authorId') } })
    .firstOrFail()
  is<number>()(named.cheap)
  is<number>()(named.menteesCount)
  is<boolean>()(named.wrote)
  is<boolean>()(named.profileExists)
  // @ts-expect-error: it has another name
  named.worksCount

  // @ts-expect-error: no such relation
  Author.query().withCount('work')
  // @ts-expect-error: no such relation among others
  Author.query().withCount('works', 'mentee')
  // @ts-expect-error: a field is not a relation
  Author.query().withExists('name')
  // @ts-expect-error: paths are not for it
  Author.query().withCount('works.author')
  // @ts-expect-error: no such relation in a map
  Author.query().withCount({ work: {} })
  // @ts-expect-error: nor beside others
  Author.query().withCount({ works: {}, mentee: {} })
  // @ts-expect-error: no such field of the related rows
  Author.query().withCount({ works: { where: (q) => q.where('prise', 1) } })
  // @ts-expect-error: the callback answers no query
  Author.query().withExists({ works: { where: () => true } })
  // @ts-expect-error: a name is a text
  Author.query().withCount({ works: { as: 3 } })
}

export async function values() {
  const author = await Author.query()
    .withSum('works', 'price')
    .withSum('works', 'pages', { as: 'leaves' })
    .withAvg('works', 'price')
    .withAvg('works', 'pages', { where: (q) => q.where('price', '>', 3) })
    .withMin('works', 'title')
    .withMax('mentees', 'joined', { as: 'newest', where: (q) => q.whereNotNull('bio') })
    .withMax('works', 'pages')
    .firstOrFail()
  is<Decimal | null>()(author.worksSumPrice)
  is<number | null>()(author.leaves)
  is<Decimal | null>()(author.worksAvgPrice)
  is<number | null>()(author.worksAvgPages)
  is<string | null>()(author.worksMinTitle)
  is<Date | null>()(author.newest)
  is<number | null>()(author.worksMaxPages)
  // @ts-expect-error: it has another name
  author.worksSumPages
  is<string | null>()((await Book.query().withMin('author', 'email').firstOrFail()).authorMinEmail)

  // @ts-expect-error: titles have no sum
  Author.query().withSum('works', 'title')
  // @ts-expect-error: nor an average
  Author.query().withAvg('works', 'title')
  // @ts-expect-error: no such field
  Author.query().withMax('works', 'prise')
  // @ts-expect-error: a field of this model, not of the relation's
  Author.query().withMax('works', 'email')
  // @ts-expect-error: no such relation
  Author.query().withSum('work', 'price')
  // @ts-expect-error: a field is missing
  Author.query().withSum('works')
}

export async function afterwards() {
  const query = Author.query().select('name').withCount('works').withSum('works', 'price').withExists('profile')
  query.where('worksCount', '>', 2).where('worksSumPrice', '<', '9.50').where({ profileExists: true })
  query.where((c) => c.worksCount.gt(2).and(c.profileExists.eq(false))).having('worksCount', 3)
  query
    .orderBy('-worksCount')
    .orderBy(['worksSumPrice', 'name'])
    .orderBy((c) => c.worksSumPrice.desc())
  is<[number, Decimal | null, boolean][]>()(await query.valuesList('worksCount', 'worksSumPrice', 'profileExists'))
  is<{ worksCount: number; name: string }[]>()(await query.values('worksCount', 'name'))
  is<number[]>()(await query.pluck('worksCount'))
  const [group] = await query.groupBy('worksCount').aggregate({ n: fn.count() })
  is<number | undefined>()(group?.worksCount)
  const row = await query.annotate({ twice: (c) => c.worksCount.times(2) }).firstOrFail()
  is<number>()(row.twice)
  is<number>()(row.worksCount)
  is<string>()(row.name)
  // @ts-expect-error: not selected
  row.email
  is<number | undefined>()((await query.paginate()).items[0]?.worksCount)
  is<number | undefined>()((await query.cursorPaginate()).items[0]?.worksCount)
  // @ts-expect-error: no such name
  query.where('workCount', 2)
  // @ts-expect-error: a number
  query.where('worksCount', 'two')
  // @ts-expect-error: a boolean
  query.where('profileExists', 1)
  // @ts-expect-error: no such name
  query.orderBy('-workCount')
  // @ts-expect-error: no such name
  query.pluck('menteesCount')
}

export async function together() {
  const author = await Author.with('works').withCount('works').firstOrFail()
  is<string | undefined>()(author.works[0]?.title)
  is<number>()(author.worksCount)
  const mapped = await Author.with({ mentees: (q) => q.withCount('works').withMax('works', 'price') }).firstOrFail()
  is<number | undefined>()(mapped.mentees[0]?.worksCount)
  is<Decimal | null | undefined>()(mapped.mentees[0]?.worksMaxPrice)
  const managed = await author.related('mentees').withCount('works').firstOrFail()
  is<number>()(managed.worksCount)
  const counted = <Q extends AnyQuery<typeof Author>>(query: Q) => query.withCount('works')
  counted(Author.query())
  const plain: AnyQuery<typeof Author> = Author.query().withCount('works')
  const same: QueryBuilder<typeof Author> = Author.query().withExists('works')
  plain.tap(() => same)
}
