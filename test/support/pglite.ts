import { type Extensions, PGlite } from '@electric-sql/pglite'
import { copied } from './pglite-copy.js'

// Starting PGlite takes as long as the tests of many files. So the tests empty an in-memory database when it is closed,
// and reuse it for the next connection to one.

/** A database is replaced after this many uses, because deleted rows accumulate. */
const USES = 25
/** How many databases wait for reuse; each takes 150 MB. */
const IDLE = 2

const idle: { database: PGlite; uses: number }[] = []
const create = PGlite.create.bind(PGlite)

PGlite.create = (async (options: { dataDir?: string; extensions?: Extensions }) => {
  const { dataDir, extensions = {}, ...others } = options
  const isPlain =
    dataDir === 'memory://' && Object.keys(others).length === 0 && Object.keys(extensions).join() === 'vector'
  if (!isPlain) return create(options)
  const { database, uses } = idle.pop() ?? { database: await create({ ...copied(), extensions }), uses: 0 }
  database.close = async () => {
    if (uses + 1 < USES && idle.length < IDLE && (await empty(database))) idle.push({ database, uses: uses + 1 })
    else await PGlite.prototype.close.call(database)
  }
  return database
}) as typeof PGlite.create

/** Counts everything in a database that a test may have created. */
const MADE = `select
  (select count(*) from pg_namespace where oid >= 16384 and nspname <> 'public' and nspname !~ '^pg_')
  + (select count(*) from pg_class where oid >= 16384)
  + (select count(*) from pg_type where oid >= 16384)
  + (select count(*) from pg_proc where oid >= 16384)
  + (select count(*) from pg_authid where oid >= 16384)
  + (select count(*) from pg_extension where oid >= 16384)
  + (select count(*) from pg_largeobject_metadata)
  + (select count(*) from pg_db_role_setting) as count`

/** Empties a database. Returns false if something is left in it. */
async function empty(database: PGlite): Promise<boolean> {
  try {
    for (const statement of ['rollback', 'discard all', 'drop schema public cascade', 'create schema public'])
      await database.exec(statement)
    const { rows } = await database.query<{ count: number }>(MADE)
    return Number(rows[0]?.count) === 0
  } catch {
    return false
  }
}
