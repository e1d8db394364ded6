import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { mapMysqlError } from '../../../src/dialect/mysql/errors.js'
import {
  CheckViolationError,
  ConnectionError,
  DatabaseError,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  SerializationError,
  TimeoutError,
  TransactionError,
  UniqueViolationError,
} from '../../../src/errors.js'

/** An error as mysql2 makes it. */
const serverError = (errno: number, message: string, code = 'ER_X') =>
  Object.assign(new Error(message), { errno, code, sqlState: '23000', sqlMessage: message, sql: 'insert …' })

const shown = (error: unknown) => inspect(error, { depth: 9, showHidden: true })

it.each([
  ["Duplicate entry 'sEcr3t' for key 'users.email'", { constraint: 'email', table: 'users' }],
  ["Duplicate entry 'sEcr3t' for key 'email'", { constraint: 'email', table: undefined }],
  ["Duplicate entry 'sEcr3t' for key 'x' sEcr3t' for key 'users.PRIMARY'", { constraint: 'PRIMARY', table: 'users' }],
])('reads the key of %s', (message, facts) => {
  const error = mapMysqlError(serverError(1062, message, 'ER_DUP_ENTRY'))
  expect(error).toBeInstanceOf(UniqueViolationError)
  expect(error).toMatchObject(facts)
  expect(shown(error)).not.toContain('sEcr3t')
  expect(error.cause).toMatchObject({ errno: 1062, code: 'ER_DUP_ENTRY', sqlState: '23000' })
})

it('reads names with dots', () => {
  const mysql = "Duplicate entry 'x' for key 'dot.s.dot.s_col.umn_unique'"
  expect(mapMysqlError(serverError(1062, mysql))).toMatchObject({ table: 'dot.s', constraint: 'dot.s_col.umn_unique' })
  const mariadb = "Duplicate entry 'x' for key 'dot.s_col.umn_unique'"
  expect(mapMysqlError(serverError(1062, mariadb), true)).toMatchObject({
    table: undefined,
    constraint: 'dot.s_col.umn_unique',
  })
})

it('reads the names of a foreign key', () => {
  const message =
    'Cannot add or update a child row: a foreign key constraint fails (`shop`.`order``s`, CONSTRAINT `fk_a` FOREIGN KEY (`a`, `b``c`) REFERENCES `users` (`x`, `y`))'
  const error = mapMysqlError(serverError(1452, message))
  expect(error).toBeInstanceOf(ForeignKeyViolationError)
  expect(error).toMatchObject({ table: 'order`s', constraint: 'fk_a', columns: ['a', 'b`c'] })
})

it.each([
  [1048, "Column 'email' cannot be null", NotNullViolationError, { columns: ['email'] }],
  [1364, "Field 'email' doesn't have a default value", NotNullViolationError, { columns: ['email'] }],
  [3819, "Check constraint 'positive' is violated.", CheckViolationError, { constraint: 'positive' }],
  [
    4025,
    'CONSTRAINT `positive` failed for `shop`.`users`',
    CheckViolationError,
    { constraint: 'positive', table: 'users' },
  ],
  [1213, 'Deadlock found when trying to get lock; try restarting transaction', DeadlockError, {}],
  [1205, 'Lock wait timeout exceeded; try restarting transaction', LockTimeoutError, {}],
  [
    3572,
    'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.',
    LockTimeoutError,
    {},
  ],
  [1020, "Record has changed since last read in table 'users'", SerializationError, {}],
  [3024, 'Query execution was interrupted, maximum statement execution time exceeded', TimeoutError, {}],
  [1969, 'Query execution was interrupted (max_statement_time exceeded)', TimeoutError, {}],
  [1317, 'Query execution was interrupted', TimeoutError, {}],
  [1040, 'Too many connections', ConnectionError, {}],
  [1045, "Access denied for user 'x'@'y' (using password: YES)", ConnectionError, {}],
  [1049, "Unknown database 'x'", ConnectionError, {}],
  [
    1290,
    'The MySQL server is running with the --read-only option so it cannot execute this statement',
    ConnectionError,
    {},
  ],
  [
    1290,
    'The MySQL server is running with the --secure-file-priv option so it cannot execute this statement',
    DatabaseError,
    {},
  ],
  [1836, 'Running in read-only mode', ConnectionError, {}],
  [1064, "You have an error in your SQL syntax; check the manual near 'x'", DatabaseError, {}],
])('maps %i: %s', (errno, message, type, facts) => {
  const error = mapMysqlError(serverError(errno, message))
  expect(error.constructor).toBe(type)
  expect(error).toMatchObject(facts)
})

it.each([
  [
    1366,
    "Incorrect integer value: 'sEcr3t' for column `shop`.`users`.`age` at row 1",
    'Incorrect integer value for column `shop`.`users`.`age` at row 1',
  ],
  [
    1366,
    "Incorrect integer value: 'sEcr3t for column `a` at row 1' for column 'age' at row 1",
    "Incorrect integer value for column 'age' at row 1",
  ],
  [1292, "Truncated incorrect DOUBLE value: 'sEcr3t'", 'Truncated incorrect DOUBLE value'],
  [
    1690,
    "BIGINT value is out of range in '(sEcr3t + 1)'",
    'A computed number is out of range: it has more digits than the database computes with.',
  ],
  [1526, 'Table has no partition for value sEcr3t', 'Table has no partition'],
  [
    1761,
    "Foreign key constraint for table 'users', record 'sEcr3t' would lead to a duplicate entry in table 'x'",
    'The foreign key refused the change.',
  ],
  [3140, 'Invalid JSON text: "Invalid value." at position 0 in value for column \'users.data\'.', 'Invalid JSON text'],
  [9999, "Something new about 'sEcr3t'", 'Something new about'],
])('keeps values out of %i: %s', (errno, message, told) => {
  const error = mapMysqlError(serverError(errno, message))
  expect(error.message).toBe(told)
  expect(shown(error)).not.toContain('sEcr3t')
})

it('takes every error of the network and of the protocol for a lost connection', () => {
  for (const code of [
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'PROTOCOL_CONNECTION_LOST',
  ])
    expect(mapMysqlError(Object.assign(new Error('x'), { code })), code).toBeInstanceOf(ConnectionError)
  expect(mapMysqlError(Object.assign(new Error('closed state'), { fatal: true }))).toBeInstanceOf(ConnectionError)
  expect(mapMysqlError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED', errno: -111 }))).toBeInstanceOf(
    ConnectionError,
  )
})

it('passes errors of corm, and takes whatever else is thrown', () => {
  const own = new TransactionError('x')
  expect(mapMysqlError(own)).toBe(own)
  for (const thrown of ['text', null, undefined, 7]) expect(mapMysqlError(thrown).constructor).toBe(DatabaseError)
})
