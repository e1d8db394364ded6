import type { DatabaseConfig } from '../database/options.js'

/** A model class, such as `Author`. */
export type ModelClass = abstract new (...args: never[]) => object

/** What `corm.config.ts` says about a project. */
export interface Config {
  /** The URL of the database, or the options of `Database.connect`. Commands that need none work without it. */
  readonly database?: string | DatabaseConfig | undefined
  /**
   * The URL for migrations, if `database` goes through a connection pooler such as PgBouncer: some steps of a migration need a
   * session of their own. Default: that of `database`.
   */
  readonly migrationUrl?: string | undefined
  /**
   * The models: a path or glob pattern of their files, such as `'src/models/**\/*.ts'`, or a list of patterns and model classes. The
   * models of a file are all model classes that it exports. Paths start at the folder of the configuration file.
   */
  readonly models?: string | readonly (string | ModelClass)[]
  /** The folder of the migrations. Default: `migrations`. */
  readonly migrations?: string
  /** The table in which corm records the migrations that it ran. Default: `corm_migrations`. */
  readonly migrationsTable?: string
  /** Tables of other programs that commands leave alone, by name, with `*` for any text: `['django_*']`. Default: none. */
  readonly ignore?: readonly string[]
}
