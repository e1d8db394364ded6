import { migrateBy } from '../database/session.js'

// a program that runs no migrations loads nothing of them
migrateBy(async (database, options) => (await import('./migrate.js')).migrate(database, options))
