import { CormSide } from './corm.js'
import type { Data } from './data.js'
import type { DatabaseKey } from './lines.js'
import type { Sides } from './measure.js'
import { RawSqlite } from './raw-sqlite.js'

export interface Opened {
  readonly sides: Sides
  /** What was measured on, for people. */
  readonly version: string
  close(): Promise<void>
}

export async function openSides(key: DatabaseKey, data: Data): Promise<Opened> {
  if (key !== 'sqlite') throw new Error(`"${key}" can't be measured yet.`)
  const raw = new RawSqlite()
  const corm = await CormSide.connect('sqlite::memory:')
  await raw.setUp(data)
  await corm.setUp(data)
  const close = async () => {
    await corm.close()
    await raw.close()
  }
  return { sides: { corm, raw }, version: 'SQLite in memory', close }
}
