export * from './errors/base.js'
export * from './errors/database.js'
