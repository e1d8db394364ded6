import { Field, Model, type QueryBuilder, Relation } from 'corm'
import { is } from './support/expect.js'

class Author extends Model({ name: Field.string() }) {
  static documents = Relation.hasMany(() => Document)
}
class Document extends Model({
  title: Field.string(),
  at: Field.vector(3, { index: { method: 'hnsw', metric: 'cosine', m: 16, efConstruction: 64, efSearch: 100 } }),
  far: Field.vector(3, { nullable: true, index: { method: 'ivfflat', lists: 10, probes: 2 } }),
  base: Field.vector(2, { default: () => [1, 2] }),
  authorId: Field.foreignKey(() => Author),
}) {
  static author = Relation.belongsTo(() => Author)
}

export async function searches(vector: Float32Array) {
  const rows = await Document.query().nearest('at', vector, { metric: 'dot', limit: 3, maxDistance: 1, exact: true })
  is<number | undefined>()(rows[0]?.distance)
  is<string | undefined>()(rows[0]?.title)
  is<Float32Array | undefined>()(rows[0]?.at)
  const [first] = await Document.where('title', 'a').nearest('far', [1, 2, 3]).where('distance', '<', 1).with('author')
  is<number | undefined>()(first?.distance)
  is<string | undefined>()(first?.author.name)
  is<number[]>()(await Document.query().nearest('at', [1, 2, 3]).orderBy('-distance').pluck('distance'))
  is<number | null>()(await Document.query().nearest('at', [1, 2, 3]).max('distance'))
  const [author] = await Author.query().with({ documents: (q) => q.nearest('at', vector) })
  is<number | undefined>()(author?.documents[0]?.distance)
  // @ts-expect-error: no distance without nearest
  ;(await Document.query())[0]?.distance
  // @ts-expect-error: no vector
  Document.query().nearest('title', vector)
  // @ts-expect-error: no such field
  Document.query().nearest('nowhere', vector)
  // @ts-expect-error: a vector is no text
  Document.query().nearest('at', '[1,2,3]')
  // @ts-expect-error: texts are no numbers
  Document.query().nearest('at', ['1'])
  // @ts-expect-error: no such metric
  Document.query().nearest('at', vector, { metric: 'manhattan' })
  // @ts-expect-error: no such option
  Document.query().nearest('at', vector, { top: 3 })
  // @ts-expect-error: a model without vectors
  Author.query().nearest('name', vector)
}

export async function writes(vector: Float32Array) {
  const document = await Document.create({ title: 'a', at: [1, 2, 3], authorId: 1 })
  is<Float32Array>()(document.at)
  is<Float32Array | null>()(document.far)
  document.at = vector
  await Document.create({ title: 'a', at: vector, far: null, base: [1, 2], authorId: 1 })
  // @ts-expect-error: a vector is required
  await Document.create({ title: 'a', authorId: 1 })
  // @ts-expect-error: not nullable
  await Document.create({ title: 'a', at: null, authorId: 1 })
  // @ts-expect-error: a text is no vector
  await Document.create({ title: 'a', at: 'a', authorId: 1 })
}

// @ts-expect-error: the number of dimensions is needed
Field.vector()
// @ts-expect-error: no such method
Field.vector(3, { index: { method: 'btree' } })
// @ts-expect-error: no such option of the index
Field.vector(3, { index: { speed: 3 } })
// @ts-expect-error: vectors are not unique
Field.vector(3, { unique: true })
// @ts-expect-error: nor keys
Field.vector(3, { primaryKey: true })

export const search = (query: QueryBuilder<typeof Document>) => query.nearest('at', [1, 2, 3])
