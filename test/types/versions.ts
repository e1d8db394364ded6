import { Field, Model, retryOnStale, type StaleModelError } from 'corm'
import { is } from './support/expect.js'

export class Sheet extends Model({
  title: Field.string(),
  secret: Field.string({ default: '', guarded: true }),
  version: Field.version({ column: 'lock_version', hidden: true }),
}) {}

export async function versions() {
  const sheet = await Sheet.create({ title: 'a' })
  is<number>()(sheet.version)
  await sheet.save({ expectVersion: 1, only: ['title'] })
  await sheet.update({ title: 'b' }, { expectVersion: 2 })
  await sheet.update({ secret: 'b' }, { guarded: true, expectVersion: 2 })
  await Sheet.create({ title: 'b', version: 3 }, { guarded: true })
  await Sheet.where('version', '>', 2).orderBy('version').get()
  // @ts-expect-error: guarded
  await Sheet.create({ title: 'a', version: 2 })
  // @ts-expect-error: guarded
  await sheet.update({ version: 2 }, { expectVersion: 1 })
  // @ts-expect-error: guarded
  await sheet.update({ secret: 'b' }, { expectVersion: 1 })
  // @ts-expect-error: guarded
  await Sheet.where('id', 1).update({ version: 2 })
  // @ts-expect-error: a number
  await sheet.save({ expectVersion: '1' })
  // @ts-expect-error: no counter
  await sheet.increment('version')
  // @ts-expect-error: no such option
  Field.version({ nullable: true })
  const data = Sheet.schema.insert.parse({})
  is<string>()(data.title)
  // @ts-expect-error: guarded
  data.version
}

export async function retries() {
  is<number>()(await retryOnStale(async () => 1))
  is<string>()(
    await retryOnStale(
      async (trx) => {
        trx.afterCommit(() => {})
        return 'a'
      },
      { times: 5, isolation: 'serializable' },
    ),
  )
  // @ts-expect-error: a promise
  await retryOnStale(() => 1)
  // @ts-expect-error: no such option
  await retryOnStale(async () => 1, { retries: 3 })
}

export function facts(error: StaleModelError) {
  is<'changed' | 'gone'>()(error.reason)
  is<number | null>()(error.current)
  for (const row of error.stale) is<unknown>()(row.key)
}
