import { existsSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { type ReadConfig, readConfig } from '../../config/read.js'
import { placeOf } from '../../database/connect.js'
import { Database } from '../../database/database.js'
import type { Dialect } from '../../dialect/dialect.js'
import { ConfigurationError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { NamedMigration } from '../../migration/graph.js'
import type { CommandCall } from '../call.js'
import { dialectOfUrl } from './dialect.js'
import { FileLoader } from './load-file.js'
import { findMigrations, migrationOf } from './migrations.js'
import { findModels } from './models.js'

const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']
const NAMES = EXTENSIONS.map((extension) => `corm.config.${extension}`)

/** A project with its configuration. Models and migrations are loaded on demand. */
export class Project {
  readonly #loader: FileLoader

  private constructor(
    readonly file: string,
    readonly config: ReadConfig,
    loader: FileLoader,
  ) {
    this.#loader = loader
  }

  /** Opens the project of a command. Its folder becomes the working directory, so that relative paths in a URL start there. */
  static async open({ options, folder }: Pick<CommandCall, 'options' | 'folder'>): Promise<Project> {
    const file = configFile(options.text('config'), folder)
    process.chdir(dirname(file))
    const loader = new FileLoader(dirname(file))
    const given = await loader.loadDefault(file)
    if (given === undefined)
      throw new ConfigurationError(`The file ${file} exports no configuration: export default defineConfig({ … }).`)
    return new Project(file, readConfig(given), loader)
  }

  get folder(): string {
    return dirname(this.file)
  }

  /** The folder of the migrations. */
  get migrationsFolder(): string {
    return resolve(this.folder, this.config.migrations)
  }

  /** The extension of new files: the one of the configuration file, which the project can run. */
  get extension(): string {
    return extname(this.file)
  }

  /** The given models without those of other databases. */
  own(models: readonly ModelMetadata[]): readonly ModelMetadata[] {
    const own = this.config.database?.name ?? 'default'
    return models.filter(({ databaseName }) => databaseName === undefined || databaseName === own)
  }

  /** The models of the configuration. */
  async models(): Promise<readonly ModelMetadata[]> {
    return findModels(this.config.models, this.#loader)
  }

  /** The migrations in the folder, by their names without extension. */
  async migrations(): Promise<readonly NamedMigration[]> {
    return findMigrations(this.migrationsFolder, this.#loader)
  }

  /** The path of a migration. */
  migrationPath(id: string): string {
    return join(this.migrationsFolder, `${id}${this.extension}`)
  }

  /** The migration that a file with this text would define. */
  async migrationIn(text: string, id: string): Promise<NamedMigration> {
    const path = this.migrationPath(id)
    return migrationOf(path, await this.#loader.defaultOf(text, path))
  }

  /** The URL of the database. Migrations may have a separate one. */
  url(use: 'rows' | 'migrations'): string {
    const { database, migrationUrl } = this.config
    const url = (use === 'migrations' ? migrationUrl : null) ?? database?.url
    if (url !== undefined) return url
    throw new ConfigurationError(
      `This command needs a database. Set "database" in ${this.file}, for example from an environment variable.`,
    )
  }

  /** The dialect of the database, null if the configuration does not show it. */
  get dialect(): Dialect | null {
    return dialectOfUrl(this.config.database?.url)
  }

  /** Connects to the database. */
  async connect(use: 'rows' | 'migrations' = 'rows'): Promise<Database> {
    return Database.connect({ ...this.config.database, url: this.url(use) })
  }

  /** Connects to read the database of the migrations. A missing file counts as empty and is not created. */
  async connectToLook(): Promise<Database> {
    const url = this.url('migrations')
    const place = placeOf(url)
    const isAway = place.kind === 'path' && !existsSync(place.path)
    return Database.connect({
      ...this.config.database,
      url: isAway ? `${url.slice(0, url.indexOf(':'))}::memory:` : url,
    })
  }
}

function configFile(given: string | null, folder: string): string {
  if (given !== null) {
    const file = resolve(folder, given)
    if (existsSync(file)) return file
    throw new ConfigurationError(`There is no configuration file ${file}. Check the path given to --config.`)
  }
  for (let at = folder; ; at = dirname(at)) {
    const found = NAMES.map((name) => join(at, name)).find(existsSync)
    if (found !== undefined) return found
    if (dirname(at) === at) break
  }
  throw new ConfigurationError(
    'There is no corm.config.ts here or in a folder above. Run "corm init" to write one, or name it with --config.',
  )
}
