import { migrateBy } from '../database/session.js'

// loaded on demand, so that programs without migrations don't load this code
migrateBy(async (database, options) => (await import('./migrate.js')).migrate(database, options))
