import { Database, sql } from 'corm'
import { type DatabaseKind, freshDatabase, readyMade } from '../support/databases.js'

type Config = Parameters<typeof Database.connect>[0]
type Fresh = Awaited<ReturnType<typeof freshDatabase>>

/** PGlite takes half a second to start, so all pages share one. */
let shared: Database | undefined

/** Where a page runs: what it says of SQLite in memory is a database of the kind that is tested. */
export class Host {
  readonly #kind: DatabaseKind
  #fresh: Fresh | undefined
  #db: Database | undefined

  constructor(kind: DatabaseKind) {
    this.#kind = kind
  }

  /** What the page's program calls instead of `Database.connect`. */
  async connect(given: Config): Promise<Database> {
    const { url: _, ...config } = typeof given === 'string' ? { url: given } : given
    this.#db = await this.#connect(config)
    return this.#db
  }

  /** The dialect that the page ran on; null if it connected none. */
  get dialect(): string | null {
    return this.#db?.dialect.name ?? null
  }

  async #connect(config: object): Promise<Database> {
    if (this.#kind === 'sqlite') return Database.connect({ ...config, url: 'sqlite::memory:' })
    if (this.#kind !== 'pglite') {
      this.#fresh ??= await freshDatabase(this.#kind)
      return Database.connect({ ...config, url: this.#fresh.url })
    }
    const isPlain = Object.keys(config).length === 0
    if (isPlain && shared?.isConnected) return shared
    const db = await Database.connect({ driver: readyMade(), ...config, url: 'pglite::memory:' })
    if (isPlain) shared = db
    return db
  }

  /** What a page leaves behind is not there for the next one. */
  async end(): Promise<void> {
    Database.configure({ maxRows: undefined, lazyLoading: 'batch', cursorSecret: undefined, detectNPlusOne: false })
    if (this.#db !== undefined && this.#db === shared && shared.isConnected) {
      await shared.execute(sql`drop schema public cascade`)
      await shared.execute(sql`create schema public`)
    } else if (this.#db?.isConnected) await this.#db.close()
    await this.#fresh?.drop()
  }
}

/** Closes what pages share. */
export async function closeShared(): Promise<void> {
  await shared?.close()
  shared = undefined
}
