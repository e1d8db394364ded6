// Loads the world's cities and asks a few questions about them. Each run starts clean.
//
//   npm run quickstart                                           in memory, with SQLite
//   DATABASE_URL=postgres://user@host/name npm run quickstart    in a database of yours, in tables named quickstart_…

import { CormError, Database } from 'corm'
import { Interrupted, load } from './load.js'
import { heading, statements, table } from './print.js'
import { questions } from './questions.js'

const IN_MEMORY = 'sqlite::memory:'

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL || IN_MEMORY
  await using db = await Database.connect(url)
  console.log(`Database: ${url === IN_MEMORY ? 'SQLite in memory' : `${url.split(':')[0]}, from DATABASE_URL`}`)

  const start = performance.now()
  const loaded = await load(db)
  console.log(`Loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  if (loaded.withoutVectors !== null) console.log(`No vectors: ${loaded.withoutVectors}`)

  for (const question of questions) {
    const sent: string[] = []
    const stop = db.on('query', (event) => sent.push(event.sql))
    const asked = performance.now()
    const answer = await question.ask(db, loaded)
    const milliseconds = performance.now() - asked
    stop()
    heading(question.title)
    table(answer)
    statements(sent, milliseconds)
    if (answer.check !== undefined) console.log(`  ${answer.check()}`)
  }
  if (!url.includes(':memory:')) console.log('\nThe tables named quickstart_… are left for you to look at.')
}

process.stdout.on('error', () => process.exit()) // the reader of a pipe has gone
main().catch((error: unknown) => {
  if (error instanceof Interrupted) {
    console.error(error.message)
    process.exitCode = 130
  } else {
    console.error(error instanceof CormError ? `${error.name}: ${error.message}` : error)
    process.exitCode = 1
  }
})
