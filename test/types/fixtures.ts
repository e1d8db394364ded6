import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { type Database, Field, Model } from 'corm'
import { dumpData, type FixtureCounts, type FixtureData, type FixtureProgress, loadData } from 'corm/fixtures'
import { is } from './support/expect.js'

export class Word extends Model({ text: Field.string() }) {}

export async function fixtures(db: Database) {
  is<FixtureData>()(await dumpData([Word]))
  is<FixtureData>()(await dumpData([Word], { database: db, signal: new AbortController().signal }))
  is<FixtureCounts>()(await dumpData([Word], { output: 'words.json' }))
  is<FixtureCounts>()(await dumpData([Word], { output: createWriteStream('words.json') }))
  is<FixtureCounts>()(await dumpData([Word], { output: process.stdout }))
  is<FixtureCounts>()(await dumpData([Word], { output: new URL('file:///words.json') }))
  // @ts-expect-error: with an output there is no data
  is<FixtureData>()(await dumpData([Word], { output: 'words.json' }))
  // @ts-expect-error: no option
  await dumpData([Word], { outputs: 'words.json' })
  const options = { models: [Word], onProgress: ({ done }: FixtureProgress) => is<number | null>()(done) }
  is<number>()((await loadData('words.json', options)).rows)
  await loadData({ Word: [{ id: 1, text: 'a' }] }, { models: [Word], onConflict: 'skip', ignoreUnknown: true })
  await loadData(Readable.from(['{}']), { models: [Word], database: db })
  await loadData(await dumpData([Word]), { models: [Word] })
  // @ts-expect-error: the models are needed
  await loadData('words.json', {})
  // @ts-expect-error: no value of JSON
  await loadData({ Word: [{ id: 1n }] }, { models: [Word] })
  // @ts-expect-error: not a way to handle conflicts
  await loadData('words.json', { models: [Word], onConflict: 'replace' })
  await db.transaction(async (trx) => void (await loadData('words.json', { models: [Word], database: trx })))
}
