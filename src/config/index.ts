import type { Config } from './config.js'
import { readConfig } from './read.js'

// The entry point `corm/config`. A configuration file loads nothing else of corm.

export type { DatabaseConfig } from '../database/options.js'
export type { Config, ModelClass } from './config.js'

/**
 * The configuration of the command line. `corm.config.ts` exports it by default. Throws ConfigurationError for an unknown option or a
 * wrong type.
 */
export function defineConfig(config: Config): Config {
  readConfig(config)
  return config
}
