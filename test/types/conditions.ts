import { and, between, contains, eq, fn, gt, icontains, like, lte, not, oneOf, or, sql, startsWith } from 'corm'
import { fits, is } from './support/expect.js'
import { Author, Book, Membership } from './support/models.js'

const authors = Author.query()
const books = Book.query()

// two arguments
authors.where('name', 'Jane')
authors.where('bio', null)
authors.where('name', not('Jane'))
authors.where('books', gt(3)).where('role', oneOf(['writer', 'editor']))
books.where('price', 3).where('price', '3.10').where('price', gt('3.10'))
books.where('authorId', authors.select('id'))
books.where('title', Book.columns.title.lower())
// @ts-expect-error: no such field
authors.where('nam', 'Jane')
// @ts-expect-error: a number
authors.where('name', 3)
// @ts-expect-error: undefined is not a value
authors.where('name', undefined)
// @ts-expect-error: a list is not a value
authors.where('name', ['Jane'])
// @ts-expect-error: not one of the values
authors.where('role', 'boss')
// @ts-expect-error: an operator of another type
authors.where('books', gt('3'))
// @ts-expect-error: a plain object is no operator
authors.where('books', { gt: 3 })
// @ts-expect-error: a subquery that selects another type
books.where('authorId', authors.select('name'))
// @ts-expect-error: a subquery that selects no single field
books.where('authorId', authors)

// three arguments
authors
  .where('books', '>', 3)
  .where('name', 'like', 'J%')
  .where('name', 'in', ['a', 'b'])
  .where('books', 'between', [1, 5])
authors.where('bio', '!=', null).where('joined', '>=', new Date()).where('name', 'regex', /^J/)
authors.where('books', '>', Author.columns.id).where('role', 'not in', ['editor'])
// @ts-expect-error: no such operator
authors.where('books', '~', 3)
// @ts-expect-error: null has no order
authors.where('bio', '>', null)
// @ts-expect-error: undefined is not a value
authors.where('books', '>', undefined)
// @ts-expect-error: "in" takes a list
authors.where('name', 'in', 'a')
// @ts-expect-error: "=" takes one value
authors.where('name', '=', ['a'])
// @ts-expect-error: "between" takes two values
authors.where('books', 'between', [1])
// @ts-expect-error: "like" takes a text
authors.where('name', 'like', 3)

// objects
authors.where({ name: 'Jane', books: gt(18), bio: null, role: oneOf(['editor']) })
authors.where({ name: contains('x'), email: startsWith('y'), books: between(1, 5), joined: lte(new Date()) })
authors.where({ name: not(like('a%')), email: icontains('x'), bio: not(null), books: eq(3) })
// @ts-expect-error: no such field
authors.where({ nam: 'Jane' })
// @ts-expect-error: a number
authors.where({ name: 3 })
// @ts-expect-error: undefined is not a value
authors.where({ name: undefined })
// @ts-expect-error: a list is not a value
authors.where({ name: ['Jane'] })
// @ts-expect-error: a plain object is no operator
authors.where({ books: { gt: 3 } })
// @ts-expect-error: a list is no condition
authors.where([['name', 'Jane']])
// @ts-expect-error: text operators are for text
authors.where({ books: contains('1') })

// predicates
authors.where((c) => c.name.eq('Jane').and(c.books.gt(3), c.bio.isNull()))
authors.where((c) => or(and(c.name.startsWith('J'), c.books.between(1, 3)), not(c.bio.isNull())))
authors.where((c) => c.role.in(['writer']).or(sql`1 = 1`))
authors.where(Author.columns.name.eq('Jane')).where(sql`length(name) > ${3}`)
// @ts-expect-error: a callback that returns nothing
authors.where((c) => {
  c.name.eq('Jane')
})
// @ts-expect-error: not a predicate
authors.where((c) => c.name)
// @ts-expect-error: no such field
authors.where((c) => c.nam.eq('Jane'))
// @ts-expect-error: a number
authors.where((c) => c.name.eq(3))
// @ts-expect-error: a list is not a value
authors.where((c) => c.name.eq(['Jane']))
// @ts-expect-error: undefined is not a value
authors.where((c) => c.name.eq(undefined))
// @ts-expect-error: not one of the values
authors.where((c) => c.role.in(['boss']))

// the others have the same forms
authors
  .orWhere('name', 'Jane')
  .whereNot({ name: 'x' })
  .exclude((c) => c.bio.isNull())
authors.whereIn('name', ['a', 'b']).whereNotIn('id', [1]).whereIn('id', books.select('authorId'))
authors.whereBetween('books', [1, 5]).whereNotBetween('joined', [new Date(), new Date()])
authors.whereNull('bio').whereNotNull('bio').whereColumn('books', '>', 'id').whereKey(3).whereKey([1, 2])
authors.whereRaw(sql`name = ${'x'}`)
Membership.query().whereKey({ groupId: 1, code: 'a' })
// @ts-expect-error: no such field
authors.orWhere('nam', 'Jane')
// @ts-expect-error: a list of numbers
authors.whereIn('id', ['a'])
// @ts-expect-error: a list
authors.whereIn('name', 'a')
// @ts-expect-error: no such field
authors.whereNull('nam')
// @ts-expect-error: no such field
authors.whereColumn('books', '>', 'nam')
// @ts-expect-error: both parts of the key
Membership.query().whereKey({ groupId: 1 })
// @ts-expect-error: text is not SQL
authors.whereRaw('name = 1')

// statics
Author.where('name', 'Jane').where('books', '>', 3)
Author.where({ name: 'Jane' })
Author.where((c) => c.name.eq('Jane'))
// @ts-expect-error: no such field
Author.where('nam', 'Jane')
// @ts-expect-error: a list is not a value
Author.where('name', ['Jane'])

// a key that comes from outside
export function search(field: string, value: string) {
  // @ts-expect-error: any text is not a field
  authors.where(field, value)
  if (Author.hasField(field)) {
    is<'id' | 'name' | 'email' | 'bio' | 'role' | 'books' | 'joined'>()(field)
    authors.orderBy(field)
  }
}

// expressions
fits<number>(0 as unknown as Awaited<ReturnType<typeof books.count>>)
books.where((c) => c.price.times(2).minus('0.50').gt(c.pages.plus(3).coalesce(0)))
books.orderBy((c) => c.title.lower().asc({ nulls: 'last' })).orderBy((c) => [c.price.desc(), c.pages])
books.where((c) => fn.now().gt(new Date()).and(c.title.concat('-', c.title).length().lt(3)))
// @ts-expect-error: text is not a number
books.where((c) => c.title.length().gt('3'))

// several predicates
const { name, email, books: written } = Author.columns
authors.where(name.eq('a'), email.ne('b'))
authors.where(name.eq('a'), email.ne('b'), written.gt(3))
authors.where(name.eq('a'), email.ne('b'), written.gt(3), or({ name: 'c' }, { name: 'd' }))
authors.where(name.eq('a'), email.ne('b'), written.gt(3), written.lt(9), written.ne(4), written.ne(5))
authors.orWhere(name.eq('a'), email.ne('b')).whereNot(name.eq('a'), email.ne('b')).exclude(name.eq('c'), email.eq('d'))
Author.where(name.eq('a'), email.ne('b')).where(name.eq('a'), and({ email: 'b' }, written.gt(3)))
Author.where(name.eq('a'), email.ne('b'), written.gt(3), written.lt(9))
authors.where(name.eq('a'), { email: 'b' }).where(name.eq('a'), { email: 'b' }, written.gt(3), { books: gt(3) })
// @ts-expect-error: no such field
authors.where(name.eq('a'), { emial: 'b' })
// @ts-expect-error: a text is no predicate
authors.where(name.eq('a'), 'x')
// @ts-expect-error: a column of texts is no predicate
Author.where(name.eq('a'), email)
// @ts-expect-error: a text is no predicate
authors.where(name.eq('a'), email.eq('b'), 'x')
// @ts-expect-error: a number is no predicate
authors.where(name.eq('a'), email.eq('b'), written.gt(3), 4)
// @ts-expect-error: a predicate is no value
authors.where('name', name.eq('a'))
// @ts-expect-error: a text that may be any is no field
authors.where('name' as string, 'x')
