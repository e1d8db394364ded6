export { Decimal } from 'decimal.js'
export type { DatabaseConfig } from './database/connect.js'
export { Database } from './database/database.js'
export type { QueryEvent } from './database/observe.js'
export { Transaction } from './database/transaction.js'
export {
  CheckViolationError,
  ConfigurationError,
  ConnectionError,
  ConstraintError,
  CormError,
  DatabaseError,
  DeadlockError,
  DefinitionError,
  FieldNotLoadedError,
  ForeignKeyViolationError,
  LockTimeoutError,
  MissingDriverError,
  MultipleResultsError,
  NotFoundError,
  NotNullViolationError,
  OutcomeUnknownError,
  PoolTimeoutError,
  RelationNotLoadedError,
  SerializationError,
  StaleModelError,
  TimeoutError,
  TransactionError,
  UndefinedValueError,
  UniqueViolationError,
  UnknownFieldError,
  UnknownRelationError,
  UnsupportedError,
  UsageError,
  ValidationError,
} from './errors.js'
export { Field } from './field/index.js'
export { JsonNull } from './field/json.js'
export { Model } from './model/define.js'
export {
  and,
  between,
  contains,
  endsWith,
  eq,
  fn,
  gt,
  gte,
  icontains,
  iendsWith,
  istartsWith,
  like,
  lt,
  lte,
  not,
  oneOf,
  or,
  sql,
  startsWith,
} from './query/public.js'
export { Relation } from './relation/descriptors.js'
export type * from './types/database.js'
export type * from './types/expression.js'
export type * from './types/field.js'
export type * from './types/model.js'
export type * from './types/schema.js'
