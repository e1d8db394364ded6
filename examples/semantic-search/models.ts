import { Field, Model } from 'corm'
import { DIMENSIONS, embed, MODEL } from './embed.js'

export class Passage extends Model(
  {
    topic: Field.string({ max: 20, index: true }),
    title: Field.string({ max: 80 }),
    body: Field.text(),
    embedding: Field.embedding(DIMENSIONS, { from: ['title', 'body'], embed, model: MODEL }),
  },
  {
    table: 'semantic_passages',
    indexes: [{ fields: ['title', 'body'], fullText: { weights: { title: 3 } } }],
  },
) {
  /** For `search` and `hybrid`: the same embeddings as those of the passages. */
  static embedQuery(text: string) {
    return embed([text])[0]!
  }
}
