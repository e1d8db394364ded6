import { connectOptions, type DatabaseConfig } from '../database/options.js'
import { ConfigurationError } from '../errors.js'
import { either, list, nameList, type OptionType, object, optionReader, text } from '../util/options.js'
import type { Config } from './config.js'

/** A configuration with its defaults. */
export interface ReadConfig {
  /** Null if it names none. */
  readonly database: DatabaseConfig | null
  readonly migrationUrl: string | null
  /** Patterns and model classes. */
  readonly models: readonly unknown[]
  readonly migrations: string
  readonly migrationsTable: string | undefined
  readonly ignore: readonly string[]
}

interface ConfigFile {
  readonly database: string | object
  readonly migrationUrl: string
  readonly models: string | readonly unknown[]
  readonly migrations: string
  readonly migrationsTable: string
  readonly ignore: readonly string[]
}

const types: { readonly [Name in keyof Config]-?: OptionType<ConfigFile[Name]> } = {
  database: either(text, object),
  migrationUrl: text,
  models: either(text, list),
  migrations: text,
  migrationsTable: text,
  ignore: nameList,
}

const read = optionReader<ConfigFile>('defineConfig()', types, ConfigurationError)

/** Reads what a configuration file exports. */
export function readConfig(given: unknown): ReadConfig {
  const { database, migrationUrl, models, migrations, migrationsTable, ignore } = read(given ?? null)
  return {
    database: database === undefined ? null : connectionOf(database),
    migrationUrl: migrationUrl ?? null,
    models: typeof models === 'string' ? [models] : (models ?? []),
    migrations: migrations ?? 'migrations',
    migrationsTable,
    ignore: ignore ?? [],
  }
}

function connectionOf(database: string | object): DatabaseConfig {
  const connection = connectOptions(typeof database === 'string' ? { url: database } : database)
  const { url } = connection
  if (url !== undefined && url !== '') return { ...connection, url }
  throw new ConfigurationError('The option "database" of defineConfig() needs a "url".')
}
