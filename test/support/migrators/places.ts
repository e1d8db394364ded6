import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type DatabaseKind, databaseKinds, freshDatabase } from '../databases.js'

/** The databases that several processes can use. PGlite is one process. */
export const sharedKinds: readonly DatabaseKind[] = databaseKinds.filter((kind) => kind !== 'pglite')

/** New databases that processes share: SQLite is in a file. */
export function sharedDatabases(): (kind: DatabaseKind) => Promise<{ url: string; drop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'corm-shared-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let made = 0
  return async (kind) => {
    if (kind !== 'sqlite') return freshDatabase(kind)
    made += 1
    const file = join(folder, `${made}.db`)
    const drop = async () => {
      for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true })
    }
    return { url: `sqlite:///${file}`, drop }
  }
}
