// Searches short texts by vectors, by words, and by both.
//
//   npm run example examples/semantic-search/main.ts                                  in memory, with SQLite
//   DATABASE_URL=pglite::memory: npm run example examples/semantic-search/main.ts     or in a PostgreSQL with pgvector
//
// The vectors are hashed n-grams, see embed.ts: they know similar words, not meanings.

import { Database } from 'corm'
import { Passage } from './models.js'
import { passages } from './passages.js'

await using db = await Database.connect(process.env.DATABASE_URL || 'sqlite::memory:')
await db.dropTables([Passage])
await db.createTables([Passage])
await Passage.createMany(passages) // calls embed
console.log(
  `${await Passage.count()} passages, ${await Passage.staleEmbeddings().count()} without a vector of their text`,
)

/** Runs the three kinds of search, one below the other. */
async function compare(text: string, query = Passage.query()): Promise<void> {
  const near = await query.search(text, { limit: 3 })
  const matching = await query.matches(['title', 'body'], text).limit(3)
  const best = await query.hybrid(text, { fields: ['title', 'body'], limit: 3 })
  console.log(`\n${text}`)
  console.log(`  by vectors: ${near.map(({ title, distance }) => `${title} (${distance.toFixed(2)})`).join(', ')}`)
  console.log(`  by words:   ${titles(matching) || 'nothing'}`)
  console.log(`  by both:    ${titles(best)}`)
}

const titles = (found: readonly Passage[]) => found.map(({ title }) => title).join(', ')

console.log('\nThe words of a passage: every search finds it')
await compare('lava and ash')
await compare('creme brulee')

console.log('\nTyping errors and other forms of the words: only the vectors find it')
await compare('vulcano erupting')
await compare('repairing a punctured bycicle tyre')
await compare('fermenting cucumber')

console.log('\nOther words for the same thing: these vectors do not know them, a trained model would')
await compare('feline')

console.log('\nIn one topic')
await compare('dust and ice', Passage.where('topic', 'sky'))

console.log('\nA vector follows its text')
const caves = await Passage.where('title', 'Caves').sole()
await caves.update({ body: `${caves.body} Bats sleep there in the winter.` }) // calls embed
await compare('bats in the caves')

await Passage.where('title', 'Rivers').update({ title: 'Rivers and lakes' }) // over a query: does not call embed
console.log(`\nStale: ${(await Passage.staleEmbeddings().pluck('title')).join(', ')}`)
const { embedded } = await Passage.embedAll()
console.log(`Embedded again: ${embedded}`)
await compare('river or lake')
