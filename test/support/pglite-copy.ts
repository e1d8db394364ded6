import { existsSync, readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'

// PGlite takes two seconds to make a database, and half a second to make one of a copy.

/** Options of the driver: a new database is made of the copy that the test script has written. */
export function copied(): { readonly loadDataDir?: Blob } {
  const file = process.env.CORM_TEST_PGLITE_COPY
  return file === undefined ? {} : { loadDataDir: new Blob([readFileSync(file)]) }
}

/** The same for every database that this process makes, whatever its options are. */
export function copyAlways(): void {
  const create = PGlite.create.bind(PGlite)
  const isThere = (folder: string) => existsSync(`${folder}/PG_VERSION`)
  PGlite.create = (async (options: { dataDir: string }) =>
    create({ ...(isThere(options.dataDir) ? {} : copied()), ...options })) as typeof PGlite.create
}
