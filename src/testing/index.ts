// The entry point `corm/testing`: helpers for the tests of an application. It needs no package of a test runner.

export { dropTestDatabases } from './databases.js'
export { type ExpectedQueries, expectQueries } from './expect-queries.js'
export { factory } from './factory/factory.js'
export type {
  AnyFactory,
  ExactData,
  Factory,
  FactoryData,
  FactoryOptions,
  FactoryRandom,
  FactoryRelated,
  FactoryState,
  FactoryValues,
} from './factory/types.js'
export type { TestHooks } from './hooks.js'
export { type RecordedStatement, type Recording, type RecordingOptions, recordingDriver } from './recording.js'
export { type TestDatabaseOptions, type UsedTestDatabase, useTestDatabase } from './use-test-database.js'
