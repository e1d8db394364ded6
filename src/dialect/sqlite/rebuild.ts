import type { ColumnDefinition, CreateTableNode } from '../../ast/definition.js'
import type { Compiler } from '../../compiler/compiler.js'
import type { DriverRow } from '../../driver/driver.js'
import { DatabaseError, MigrationError, quoted } from '../../errors.js'
import type { Rebuilding, RebuildSession, TableRebuild } from '../dialect.js'
import { textLiteral } from './literal.js'
import { quote } from './quote.js'

// https://sqlite.org/lang_altertable.html#otheralter
//
// The new table is made next to the old one, filled from it, and takes its name. The other way round, renaming the old table
// away first, would make foreign keys, views and triggers of other tables follow it.

const PROBE = 'corm_probe'

/** Renames a table, for which SQLite reads every view and trigger of the database again. Returns the error if one fails. */
async function brokenBy({ run }: RebuildSession): Promise<DatabaseError | null> {
  await run(`savepoint ${PROBE}`)
  try {
    await run(`create table _${PROBE} (x)`)
    await run(`alter table _${PROBE} rename to _${PROBE}_2`)
    return null
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return error
  } finally {
    await run(`rollback to ${PROBE}`)
    await run(`release ${PROBE}`)
  }
}

async function refuseBroken(session: RebuildSession): Promise<void> {
  const error = await brokenBy(session)
  if (error !== null)
    throw new MigrationError(
      `A view or a trigger of the database does not work, so that SQLite can't change names: ${error.message}. Fix or drop it first.`,
      { cause: error },
    )
}

/** What SQLite says of a table, beyond what corm knows. */
interface TableFacts {
  readonly isStrict: boolean
  readonly isWithoutRowid: boolean
  /** The last number that it gave to a row. */
  readonly sequence: string | null
  /** The definitions of its triggers, and of indexes that corm doesn't know. */
  readonly others: readonly string[]
  /** The other tables with keys to it. */
  readonly relatives: readonly string[]
}

async function look({ before, after, known }: TableRebuild, { run }: RebuildSession): Promise<TableFacts> {
  const table = textLiteral(before.table)
  const columns = await run(`select name from pragma_table_xinfo(${table})`, true)
  refuseUnknown(before.table, 'column', namesOf(columns), before.columns)
  const keys = await run(`select distinct id from pragma_foreign_key_list(${table})`, true)
  if (keys.length > before.foreignKeys.length) refuseMore(before.table, 'foreign keys')
  const [[definition] = []] = await run(`select sql from sqlite_schema where type = 'table' and name = ${table}`, true)
  if (checksIn(String(definition)) > before.checks.length) refuseMore(before.table, 'checks')
  const [[isWithoutRowid, isStrict] = []] = await run(
    `select wr, strict from pragma_table_list where schema = 'main' and name = ${table}`,
    true,
  )
  const counters = await run("select 1 from sqlite_schema where name = 'sqlite_sequence'", true)
  const [[sequence] = []] =
    counters.length === 0 ? [] : await run(`select cast(seq as text) from sqlite_sequence where name = ${table}`, true)
  const parts = await run(
    `select name, sql from sqlite_schema where type in ('index', 'trigger') and tbl_name = ${table} and sql is not null order by type, rowid`,
    true,
  )
  const relatives = await run(
    `select distinct m.name from sqlite_schema m, pragma_foreign_key_list(m.name) k where m.type = 'table' and lower(k."table") = lower(${textLiteral(after.table)})`,
    true,
  )
  return {
    isStrict: Number(isStrict) === 1,
    isWithoutRowid: Number(isWithoutRowid) === 1,
    sequence: sequence == null ? null : String(sequence),
    others: parts.filter(([name]) => !known.has(String(name))).map(([, sql]) => String(sql)),
    relatives: namesOf(relatives).filter((name) => name !== before.table),
  }
}

const namesOf = (rows: readonly (readonly unknown[])[]) => rows.map(([name]) => String(name))

/** What corm doesn't know of a table would be lost with it. */
function refuseUnknown(
  table: string,
  what: string,
  names: readonly string[],
  known: readonly ColumnDefinition[],
): void {
  const kept = new Set(known.map(({ name }) => name.toLowerCase()))
  const unknown = names.filter((name) => !kept.has(name.toLowerCase()))
  if (unknown.length > 0) refuseMore(table, `${what}s`, ` (${unknown.map((name) => quoted(name)).join(', ')})`)
}

function refuseMore(table: string, what: string, which = ''): never {
  throw new MigrationError(
    `The table ${quoted(table)} must be made again, and has ${what} that no migration knows${which}: they would be lost. Let a migration add them first; "corm migrate drift" shows them.`,
  )
}

/** Counts the checks in the text of a table. */
function checksIn(definition: string): number {
  const plain = definition.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*.*?(?:\*\/|$)/gs,
    ' ',
  )
  return [...plain.matchAll(/\bcheck\s*\(/gi)].length
}

const newName = ({ table }: CreateTableNode) => `_corm_new_${table}`

const FOREIGN_KEYS = {
  off: 'pragma foreign_keys = off',
  on: 'pragma foreign_keys = on',
  areOn: 'pragma foreign_keys',
} as const
const AS_IT_WAS = { on: 'pragma legacy_alter_table = on', off: 'pragma legacy_alter_table = off' } as const

function texts({ before, after, sources, removed, indexes }: TableRebuild, compiler: Compiler): string[] {
  const to = newName(after)
  const compiled = (nodes: TableRebuild['removed'] | TableRebuild['indexes']) =>
    nodes.map((node) => compiler.compileInline(node))
  return [
    FOREIGN_KEYS.off,
    ...compiled(removed),
    compiler.compileInline({ ...after, table: to }),
    compiler.compileInline({ kind: 'copyRows', table: before.table, to, sources, inOrder: true }),
    `drop table ${quote(before.table)}`,
    AS_IT_WAS.on,
    `alter table ${quote(to)} rename to ${quote(after.table)}`,
    AS_IT_WAS.off,
    ...compiled(indexes),
    FOREIGN_KEYS.on,
  ]
}

/** Makes the new table next to the old one, with its rows, and lets it take the name. */
async function replace(plan: TableRebuild, found: TableFacts, { compiler, run }: RebuildSession): Promise<void> {
  const { before, after, sources } = plan
  const made = newName(after)
  const options = [
    ...(found.isStrict && after.columns.every(({ type }) => type.sql === undefined) ? ['strict'] : []),
    ...(found.isWithoutRowid ? ['without rowid'] : []),
  ]
  const definition = compiler.compileInline({ ...after, table: made })
  await run(definition.replace(/\n\)(?: strict)?$/, `\n)${options.length === 0 ? '' : ` ${options.join(', ')}`}`))
  const inOrder = !found.isWithoutRowid
  await run(compiler.compileInline({ kind: 'copyRows', table: before.table, to: made, sources, inOrder }))
  await run(`drop table ${quote(before.table)}`)
  await run(AS_IT_WAS.on)
  try {
    await run(`alter table ${quote(made)} rename to ${quote(after.table)}`)
  } finally {
    await run(AS_IT_WAS.off)
  }
}

/** Keeps the next number of a table: the number of a deleted last row is not given again. */
async function continueNumbers({ table, columns }: CreateTableNode, sequence: string, { run }: RebuildSession) {
  if (!columns.some(({ type }) => type.autoIncrement === true && type.reuse !== true)) return
  const name = textLiteral(table)
  const [row] = await run(`select 1 from sqlite_sequence where name = ${name}`, true)
  if (row === undefined) await run(`insert into sqlite_sequence (name, seq) values (${name}, ${sequence})`)
  else await run(`update sqlite_sequence set seq = max(seq, ${sequence}) where name = ${name}`)
}

/** Rows of a table whose keys point to no row; of its keys to one table only, if there is one. */
async function lostKeys(
  table: string | null,
  to: string | null,
  { run }: RebuildSession,
): Promise<readonly DriverRow[]> {
  const of = table === null ? '' : `(${textLiteral(table)})`
  const condition = to === null ? '' : ` where lower(parent) = lower(${textLiteral(to)})`
  return run(`select "table", parent, count(*) from pragma_foreign_key_check${of}${condition} group by 1, 2`, true)
}

function refuseLost(rows: readonly DriverRow[]): void {
  if (rows.length === 0) return
  const list = rows.map(([from, to, count]) => `${count} of ${quoted(String(from))} to ${quoted(String(to))}`)
  throw new MigrationError(
    `After the migration, foreign keys would point to rows that are not there: ${list.join(', ')}. Change or delete these rows first.`,
  )
}

async function rebuild(plan: TableRebuild, session: RebuildSession): Promise<void> {
  const { compiler, run } = session
  const { after, removed, indexes } = plan
  const [[areOn] = []] = await run('pragma foreign_keys', true)
  // dropping the old table would delete the rows that refer to it
  if (Number(areOn) !== 0) throw new TypeError('a table is made again while foreign keys are checked')
  await refuseBroken(session)
  for (const node of removed) await run(compiler.compileInline(node))
  const found = await look(plan, session)
  await replace(plan, found, session)
  for (const node of indexes) await run(compiler.compileInline(node))
  for (const definition of found.others) await run(definition)
  if (found.sequence !== null) await continueNumbers(after, found.sequence, session)
  const broken = await brokenBy(session)
  if (broken !== null)
    throw new MigrationError(
      `The change of the table ${quoted(after.table)} breaks a view or a trigger: ${broken.message}. Drop it before, and create it again afterwards.`,
      { cause: broken },
    )
  refuseLost(await lostKeys(after.table, null, session))
  // other keys of these tables may be about to change too
  for (const table of found.relatives) refuseLost(await lostKeys(table, after.table, session))
}

export const rebuilding: Rebuilding = {
  foreignKeys: FOREIGN_KEYS,
  texts,
  refuseBroken,
  refuseLostKeys: async (session) => refuseLost(await lostKeys(null, null, session)),
  rebuild,
}
