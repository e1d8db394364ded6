import {
  CheckViolationError,
  ConnectionError,
  CormError,
  DatabaseError,
  type DatabaseErrorClass,
  type DatabaseErrorFacts,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  SerializationError,
  TimeoutError,
  UniqueViolationError,
  WouldBlockError,
} from '../../errors.js'
import { own, picked } from '../../util/own.js'
import { isRecord } from '../../util/record.js'
import { CREATE_TABLE } from '../missing-table.js'

/** The members of the driver's errors that corm reads. */
interface MysqlError {
  readonly errno?: number
  readonly code?: string
  readonly message?: string
  readonly sqlState?: string
  readonly stack?: string
  readonly fatal?: boolean
}

type ErrorFacts = Pick<DatabaseErrorFacts, 'constraint' | 'table' | 'columns'>
interface Rule {
  readonly type: DatabaseErrorClass
  /** Reads the names from the server's message. */
  readonly find?: (message: string, mariadb: boolean) => ErrorFacts
  /** The message; if it is left out, the server's own message without values. */
  readonly describe?: (found: ErrorFacts) => string
}

const NAME = '`((?:[^`]|``)+)`'
const FOREIGN_KEY = new RegExp(`\\(${NAME}\\.${NAME}, CONSTRAINT ${NAME} FOREIGN KEY \\(([^)]*)\\)`)
const LAST_NAME = new RegExp(`${NAME}$`)
const bare = (name: string | undefined) => name?.replaceAll('``', '`')

/**
 * Reads `Duplicate entry '…' for key 'users.email'` (MySQL) or `… for key 'email'` (MariaDB). The entry is a value and
 * must not be shown.
 */
function findKey(message: string, mariadb: boolean): ErrorFacts {
  const at = message.lastIndexOf(" for key '")
  if (at === -1) return {}
  const key = message.slice(at + " for key '".length, message.lastIndexOf("'"))
  const dot = mariadb ? -1 : dotOf(key)
  return dot === -1 ? { constraint: key } : { table: key.slice(0, dot), constraint: key.slice(dot + 1) }
}

/** Where the table's name ends. It may contain dots, but corm's names of keys begin with it. */
function dotOf(key: string): number {
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1))
    if (key.startsWith(`${key.slice(0, dot)}_`, dot + 1)) return dot
  return key.indexOf('.')
}

function findForeignKey(message: string): ErrorFacts {
  const [, , table, constraint, columns = ''] = FOREIGN_KEY.exec(message) ?? []
  const names = [...columns.matchAll(new RegExp(NAME, 'g'))].flatMap(([, name]) => bare(name) ?? [])
  return { table: bare(table), constraint: bare(constraint), columns: names }
}

/** Reads `Column 'x' cannot be null`, `Field 'x' doesn't have a default value`. */
function findColumn(message: string): ErrorFacts {
  const column = /^[^']*'(.+)' (?:cannot be null|doesn't have)/.exec(message)?.[1]
  return column === undefined ? {} : { columns: [column] }
}

/** Reads `Check constraint 'x' is violated.` (MySQL), ``CONSTRAINT `x` failed for `database`.`table` `` (MariaDB). */
function findCheck(message: string): ErrorFacts {
  const mysql = /^Check constraint '(.+)' is violated/.exec(message)?.[1]
  if (mysql !== undefined) return { constraint: mysql }
  const constraint = new RegExp(`^CONSTRAINT ${NAME}`).exec(message)?.[1]
  return { constraint: bare(constraint), table: bare(LAST_NAME.exec(message)?.[1]) }
}

const named = (text: string | undefined) => (text === undefined ? '' : ` "${text}"`)

const unique: Rule = {
  type: UniqueViolationError,
  find: findKey,
  describe: ({ constraint, table }) =>
    `The unique key${named(constraint)}${table === undefined ? '' : ` of${named(table)}`} has this value already.`,
}
const foreignKey: Rule = {
  type: ForeignKeyViolationError,
  find: findForeignKey,
  describe: ({ constraint, table }) =>
    `The foreign key${named(constraint)}${table === undefined ? '' : ` of${named(table)}`} refused the change.`,
}
const notNull: Rule = {
  type: NotNullViolationError,
  find: findColumn,
  describe: ({ columns = [] }) => `The column${named(columns[0])} needs a value.`,
}
const check: Rule = {
  type: CheckViolationError,
  find: findCheck,
  describe: ({ constraint }) => `The check${named(constraint)} refused the row.`,
}
/** The server's message contains the expression with its values, so it is not shown. */
const outOfRange: Rule = {
  type: DatabaseError,
  describe: () => 'A computed number is out of range: it has more digits than the database computes with.',
}
const limit = (what: string, remedy: string): Rule => ({
  type: DatabaseError,
  describe: () => `The statement is beyond a limit of the server: ${what}. ${remedy}`,
})
const UNNEST =
  'Nest fewer queries and conditions in each other: read the keys that an inner query finds first, and give them as a list.'
/**
 * Raises an error when it is computed: used if an upsert meets an existing row by another key than its own. The error has no
 * text of its own, so it is known by this text in the SQL.
 */
export const OTHER_KEY = '(select 1 union all select 2)'
const SEVERAL_ROWS = 1242
const otherKey: Rule = {
  type: UniqueViolationError,
  describe: () => 'A row with another key has the value of a unique key already.',
}
const connection: Rule = { type: ConnectionError }
const timeout: Rule = { type: TimeoutError }
const lockTimeout: Rule = { type: LockTimeoutError }

/**
 * The error codes of https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and MariaDB's own from
 * 1900 and 4000.
 */
const rules = new Map<number, Rule>([
  ...[1022, 1062, 1169, 1586].map((errno): [number, Rule] => [errno, unique]),
  ...[1216, 1217, 1451, 1452, 1701, 1761, 1762, 3730].map((errno): [number, Rule] => [errno, foreignKey]),
  ...[1048, 1263, 1364].map((errno): [number, Rule] => [errno, notNull]),
  ...[3819, 4025].map((errno): [number, Rule] => [errno, check]),
  ...[1317, 1969, 3024].map((errno): [number, Rule] => [errno, timeout]),
  ...[1205, 3572].map((errno): [number, Rule] => [errno, lockTimeout]),
  [1213, { type: DeadlockError }],
  ...[1845, 1846].map((errno): [number, Rule] => [errno, { type: WouldBlockError }]),
  [1690, outOfRange],
  [1116, limit('a select joins 61 tables at most', 'Load relations by with(), or ask in several queries.')],
  [1473, limit('selects are nested 63 levels deep at most', UNNEST)],
  [1436, limit('it is nested deeper than the stack of the server takes (thread_stack)', UNNEST)],
  [1020, { type: SerializationError }],
  ...[
    1040, 1042, 1043, 1044, 1045, 1049, 1053, 1129, 1130, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161,
  ].map((errno): [number, Rule] => [errno, connection]),
  ...[1184, 1203, 1226, 1698, 1820, 1836, 1862, 1927, 3118, 4031].map((errno): [number, Rule] => [errno, connection]),
])

/** Errors whose messages contain names and SQL text, but never a value. */
const namesOnly = new Set([
  1005, 1006, 1007, 1008, 1046, 1050, 1051, 1052, 1054, 1055, 1059, 1060, 1061, 1063, 1064, 1067, 1068, 1069, 1070,
  1071, 1072, 1073, 1074, 1075, 1089, 1090, 1091, 1093, 1101, 1103, 1109, 1110, 1111, 1112, 1113, 1115, 1117, 1118,
  1121, 1136, 1137, 1138, 1140, 1142, 1143, 1146, 1147, 1149, 1163, 1165, 1166, 1170, 1171, 1176, 1177, 1178, 1193,
  1205, 1213, 1215, 1221, 1222, 1227, 1235, 1239, 1241, 1242, 1248, 1250, 1264, 1265, 1267, 1270, 1271, 1273, 1290,
  1295, 1305, 1318, 1327, 1347, 1356, 1370, 1390, 1396, 1406, 1415, 1418, 1442, 1461, 1553, 1568, 1644, 1717, 1792,
  1822, 1823, 1824, 1825, 1826, 1830, 1831, 1832, 1833, 1834, 1845, 1846, 3105, 3106, 3109, 3572, 3750, 3756, 3757,
  3761, 3780, 3820, 3821, 3822, 3823, 4013, 4078,
])

const COLUMN_AT_ROW = / for column (?:'[^']*'|(?:`(?:[^`]|``)*`\.?)+) at row \d+$/

/** The server's message up to its first value, and the column that it is about. */
function withoutValues(errno: number, message: string): string {
  const rule = rules.get(errno)
  if (namesOnly.has(errno) || rule?.type === ConnectionError || rule?.type === TimeoutError) return message
  const [head = ''] = message.split(/['"`]| for value /, 1)
  return head.replace(/[\s:(]+$/, '') + (COLUMN_AT_ROW.exec(message)?.[0] ?? '')
}

/**
 * The driver's error without the values in its message ("Duplicate entry 'x' for key"), because a cause is printed with
 * the error.
 */
function toCause(error: MysqlError, message: string): Error {
  const cause = new Error(message)
  const stack = error.stack ?? ''
  const frames = stack.indexOf('\n    at ')
  cause.stack = `Error: ${message}${frames === -1 ? '' : stack.slice(frames)}`
  const { code, errno, sqlState } = picked(error, 'code', 'errno', 'sqlState')
  return Object.assign(cause, { code, errno, sqlState })
}

const READ_ONLY = 1290
const NO_TABLE = 1146

/** Finds the rule for errors with several meanings. */
function ruleIn(errno: number, message: string, sql: string): Rule | undefined {
  if (errno === READ_ONLY && /read-only/.test(message)) return connection
  return errno === SEVERAL_ROWS && sql.includes(OTHER_KEY) ? otherKey : undefined
}

/**
 * Whether the connection was lost: by network errors, protocol errors of the driver, and errors after which it closes the
 * connection.
 */
const isLost = ({ code = '', fatal }: MysqlError) =>
  fatal === true || (/^(?:E[A-Z_]+|PROTOCOL_.*|HANDSHAKE_.*)$/.test(code) && !code.startsWith('ER_'))

/** Turns an error of the driver into corm's. No message, not even that of the cause, contains the value of a parameter. */
export function mapMysqlError(error: unknown, mariadb = false, sql = ''): DatabaseError {
  if (error instanceof CormError) return error as DatabaseError
  const known: MysqlError = isRecord(error)
    ? picked<MysqlError, keyof MysqlError>(error, 'code', 'errno', 'sqlState', 'fatal', 'message', 'stack')
    : own({ message: String(error) })
  const { errno, message = '' } = known
  if (typeof errno !== 'number' || errno < 1000) {
    const Type = isLost(known) ? ConnectionError : DatabaseError
    return new Type(message, { cause: error })
  }
  const rule = rules.get(errno) ?? ruleIn(errno, message, sql)
  const found = own<ErrorFacts>(rule?.find?.(message, mariadb))
  const clean = withoutValues(errno, message)
  const facts = {
    cause: toCause(known, rule?.describe === undefined ? clean : `${known.code ?? 'error'} (${errno})`),
    ...found,
  }
  if (rule !== undefined) return new rule.type(rule.describe?.(found) ?? clean, facts)
  if (known.fatal === true) return new ConnectionError(clean, facts)
  return new DatabaseError(errno === NO_TABLE ? `${clean}. ${CREATE_TABLE}` : clean, facts)
}
