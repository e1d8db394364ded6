import { Database } from 'corm'
import { type DatabaseKind, freshDatabase } from '../support/databases.js'

type Config = Parameters<typeof Database.connect>[0]
type Fresh = Awaited<ReturnType<typeof freshDatabase>>

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
    this.#fresh ??= await freshDatabase(this.#kind)
    this.#db = await Database.connect({ ...config, url: this.#fresh.url })
    return this.#db
  }

  /** The dialect that the page ran on; null if it connected none. */
  get dialect(): string | null {
    return this.#db?.dialect.name ?? null
  }

  /** What a page leaves behind is not there for the next one. */
  async end(): Promise<void> {
    Database.configure({ maxRows: undefined, lazyLoading: 'batch', cursorSecret: undefined, detectNPlusOne: false })
    if (this.#db?.isConnected) await this.#db.close()
    await this.#fresh?.drop()
  }
}
