export * from './errors/base.js'
export * from './errors/database.js'
export * from './errors/migration.js'
