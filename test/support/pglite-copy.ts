import { existsSync, readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'

// PGlite takes two seconds to create a database, and half a second to create one from a copy.

/** Options of the driver that create a new database from the copy that the test script has written. */
export function copied(): { readonly loadDataDir?: Blob } {
  const file = process.env.CORM_TEST_PGLITE_COPY
  return file === undefined ? {} : { loadDataDir: new Blob([readFileSync(file)]) }
}

/** Does the same for every database that this process creates, whatever its options. */
export function copyAlways(): void {
  const create = PGlite.create.bind(PGlite)
  const isThere = (folder: string) => existsSync(`${folder}/PG_VERSION`)
  PGlite.create = (async (options: { dataDir: string }) =>
    create({ ...(isThere(options.dataDir) ? {} : copied()), ...options })) as typeof PGlite.create
}
