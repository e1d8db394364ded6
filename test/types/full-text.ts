import { Field, type FullTextOptions, type MatchesOptions, Model, type QueryBuilder, Relation } from 'corm'
import { is } from './support/expect.js'

class Author extends Model({ name: Field.string() }) {
  static documents = Relation.hasMany(() => Document)
}
class Document extends Model(
  {
    title: Field.string(),
    body: Field.text({ nullable: true }),
    size: Field.integer(),
    authorId: Field.foreignKey(() => Author),
  },
  {
    indexes: [
      { fields: ['title', 'body'], fullText: true },
      { fields: ['title'], fullText: { language: 'english', weights: { title: 2 } }, name: 'words' },
      { fields: ['size'], fullText: false },
    ],
  },
) {
  static author = Relation.belongsTo(() => Author)
}

export async function searches(text: string, options: MatchesOptions) {
  const rows = await Document.query().matches(['title', 'body'], text, { prefix: true })
  is<number | undefined>()(rows[0]?.rank)
  is<string | undefined>()(rows[0]?.title)
  const [first] = await Document.where('size', 1).matches('title', text, options).where('rank', '>', 0).with('author')
  is<string | undefined>()(first?.author.name)
  is<number[]>()(await Document.query().matches('title', text).orderBy('-rank').pluck('rank'))
  const [author] = await Author.query().with({ documents: (q) => q.matches(['title', 'body'], text) })
  is<number | undefined>()(author?.documents[0]?.rank)
  // @ts-expect-error: no rank without matches
  ;(await Document.query())[0]?.rank
  // @ts-expect-error: no text
  Document.query().matches('size', text)
  // @ts-expect-error: no such field
  Document.query().matches(['title', 'nothing'], text)
  // @ts-expect-error: the text is a string
  Document.query().matches('title', 3)
  // @ts-expect-error: no such option
  Document.query().matches('title', text, { limit: 3 })
}

// @ts-expect-error: no such field
Model({ title: Field.string() }, { indexes: [{ fields: ['title'], fullText: { weights: { size: 1 } } }] })
// @ts-expect-error: no such option
Model({ title: Field.string() }, { indexes: [{ fields: ['title'], fullText: { words: 1 } }] })

class Note extends Model(
  { text: Field.text(), at: Field.vector(2) },
  { indexes: [{ fields: ['text'], fullText: true }] },
) {
  static async embedQuery(text: string) {
    return [text.length, 1]
  }
}

export async function byText(text: string) {
  const near = await Note.query().search(text, { limit: 3, field: 'at' })
  is<number | undefined>()(near[0]?.distance)
  const both = await Note.where('id', '>', 1).hybrid(text, { fields: ['text'], field: 'at', limit: 3, k: 10 })
  is<number | undefined>()(both[0]?.score)
  is<string | undefined>()(both[0]?.text)
  // @ts-expect-error: no vector
  Note.query().search(text, { field: 'text' })
  // @ts-expect-error: the fields are required
  Note.query().hybrid(text, { limit: 3 })
  // @ts-expect-error: no text
  Note.query().hybrid(text, { fields: ['at'] })
  // @ts-expect-error: the text is a string
  Note.query().hybrid(3, { fields: ['text'] })
}

export const options: FullTextOptions<{ title: ReturnType<typeof Field.string> }> = { language: 'french' }
export const search = (query: QueryBuilder<typeof Document>) => query.matches(['title'], 'a')
