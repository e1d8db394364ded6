'use client'

interface Props {
  books: { id: number; title: string; price: string; author: string }[]
}

export function BookList({ books }: Props) {
  return (
    <ul>
      {books.map((book) => (
        <li key={book.id}>
          {book.title}, {book.author}: {book.price}
        </li>
      ))}
    </ul>
  )
}
