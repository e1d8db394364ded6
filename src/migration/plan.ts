import { EMPTY } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { MigrationConflictError, MigrationError, quoted } from '../errors.js'
import type { PlannedMigration } from '../types/migration.js'
import { suggestion } from '../util/names.js'
import { type ChosenMigrations, chosenFrom } from './chosen.js'
import { historyOf, type NamedMigration } from './graph.js'
import type { RowCounts } from './large-tables.js'
import { onlineIn } from './online.js'
import { type MigrationRecord, stepsDone } from './record.js'
import { type ReplayedMigration, replay, replayOne } from './replay.js'
import type { Runnable } from './runner.js'
import { stepsOf } from './step.js'
import { reversalOf, type Work, workOf } from './work.js'

export type Records = ReadonlyMap<string, MigrationRecord>

/** A migration with its record in the database. */
export interface RecordedMigration extends ReplayedMigration {
  readonly record: MigrationRecord | null
}

/** The migration files compared with the record of a database. */
export interface Situation {
  readonly all: readonly NamedMigration[]
  /** The migrations in the running order of this database: first the applied ones, then the others. */
  readonly migrations: readonly RecordedMigration[]
  readonly chosen: ChosenMigrations
  /** Recorded ids without a file. */
  readonly missing: readonly string[]
  /** Applied migrations whose files have changed since. */
  readonly changed: readonly RecordedMigration[]
  readonly records: Records
}

/** Compares files and record. Throws MigrationConflictError if the files contradict each other. */
export function situationOf(all: readonly NamedMigration[], records: Records): Situation {
  const chosen = chosenFrom(all, (id) => records.has(id))
  const inOrder = replay(chosen.migrations).migrations
  // its original migrations have run, so its schema exists
  const replaced = new Set(chosen.recorded.map(({ id }) => id))
  const rank = ({ id }: NamedMigration) => {
    const record = records.get(id)
    if (record === undefined) return replaced.has(id) ? 0 : 2
    return record.state === 'done' ? 0 : 1
  }
  // a migration that was merged late runs on a schema that includes later ones
  const ordered = [0, 1, 2].flatMap((each) => inOrder.filter((migration) => rank(migration) === each))
  const isSame = ordered.every((migration, i) => migration === inOrder[i])
  const migrations = (isSame ? inOrder : replayedInTurn(ordered)).map(
    (migration): RecordedMigration => ({ ...migration, record: records.get(migration.id) ?? null }),
  )
  const files = new Set([...all.map(({ id }) => id), ...all.flatMap(({ file }) => file.squashes)])
  return {
    all,
    migrations,
    chosen,
    records,
    missing: [...records.keys()].filter((id) => !files.has(id)),
    changed: migrations.filter(({ record, checksum }) => record !== null && record.checksum !== checksum),
  }
}

function replayedInTurn(migrations: readonly NamedMigration[]): readonly ReplayedMigration[] {
  let state = EMPTY
  return migrations.map((migration) => {
    const next = replayOne(migration, state)
    state = next.after
    return next
  })
}

/** Throws MigrationConflictError if files and record contradict each other. */
export function refuseContradictions({ missing, changed }: Situation): void {
  const problems = [
    ...(missing.length === 0
      ? []
      : [`These were run and have no file any more: ${missing.join(', ')}. Bring the files back.`]),
    ...(changed.length === 0
      ? []
      : [
          `These were changed after they were run: ${changed.map(({ id }) => id).join(', ')}. Undo the change and write a new migration, or record that it is meant: corm migrate accept <id>.`,
        ]),
  ]
  if (problems.length > 0)
    throw new MigrationConflictError(`The migrations are not those that the database has run. ${problems.join(' ')}`)
}

/** A planned migration, with what the runner needs. */
export interface MigrationWork {
  readonly shown: PlannedMigration
  readonly runnable: Runnable
  readonly work: readonly Work[]
}

function plannedOf(
  runnable: Runnable,
  record: MigrationRecord | null,
  { work, losses }: { readonly work: readonly Work[]; readonly losses: readonly string[] },
): MigrationWork {
  const { id, direction, steps } = runnable
  const shownSteps = steps.map(({ description, sql }) => ({ description, sql }))
  const done = record?.state === 'running' ? stepsDone(record, direction) : 0
  return { runnable, work, shown: { id, direction, how: 'run', steps: shownSteps, done, losses } }
}

function requireKnown({ migrations }: Situation, id: string): void {
  const ids = migrations.map((each) => each.id)
  if (!ids.includes(id)) throw new MigrationError(`There is no migration ${quoted(id)}.${suggestion(id, ids)}`)
}

interface TableSizes {
  /** Null if changes of large tables may block programs. */
  readonly rows: RowCounts | null
}

export interface UpWish extends TableSizes {
  readonly to: string | undefined
  readonly contract: boolean
}

/** The migrations that the database lacks. */
export function planUp(
  situation: Situation,
  { to, contract, rows }: UpWish,
  dialect: Dialect,
): readonly MigrationWork[] {
  const { migrations, records, chosen } = situation
  refuseContradictions(situation)
  if (to !== undefined) requireKnown(situation, to)
  const wanted = to === undefined ? null : historyOf(migrations, to)
  const reversing = migrations.find(({ record }) => record?.state === 'running' && record.direction === 'down')
  if (reversing !== undefined)
    throw new MigrationError(
      `The migration ${quoted(reversing.id)} was being reversed when that stopped. Finish it first: corm migrate down.`,
    )
  const waiting = new Set<string>()
  const replaced = new Set(chosen.recorded.map((each) => each.id))
  // no program uses an empty database, so nothing has to wait for a deployment
  const isContracting = contract || records.size === 0
  const planned = migrations
    .filter((migration) => {
      const { id, file, record } = migration
      if (record?.state === 'done' || replaced.has(id) || (wanted !== null && !wanted.has(id))) return false
      // a migration that has begun continues
      const isHeld = record === null && file.after === 'deploy' && !isContracting
      const waits = isHeld || file.parents.some((parent) => waiting.has(parent))
      if (waits) waiting.add(id)
      return !waits
    })
    .map((migration) => ({ migration, work: workOf(migration) }))
  const online = onlineIn(
    planned.flatMap(({ work }) => work),
    dialect,
    rows,
  )
  return planned.map(({ migration: { id, checksum, file, record }, work }) => {
    const { transaction } = file
    const steps = stepsOf(work, { dialect, transaction, online })
    return plannedOf({ id, direction: 'up', checksum, steps, transaction, removes: [] }, record, { work, losses: [] })
  })
}

/** The migrations that wait for a deployment. */
export function waitingIn({ migrations, records }: Situation): ReadonlySet<string> {
  const waiting = new Set<string>()
  if (records.size === 0) return waiting
  for (const { id, file, record } of migrations)
    if (record === null && (file.after === 'deploy' || file.parents.some((parent) => waiting.has(parent))))
      waiting.add(id)
  return waiting
}

export interface DownWish extends TableSizes {
  readonly to: string | undefined
  readonly steps: number | undefined
}

/** The migrations to reverse, the last one first. Throws IrreversibleMigrationError before anything is run. */
export function planDown(
  situation: Situation,
  { to, steps, rows }: DownWish,
  dialect: Dialect,
): readonly MigrationWork[] {
  refuseContradictions(situation)
  const applied = situation.migrations.filter(({ record }) => record !== null)
  const open = applied.find(({ record }) => record?.state === 'running' && record.direction === 'up')
  if (open !== undefined)
    throw new MigrationError(`The migration ${quoted(open.id)} is not finished. Finish it first: corm migrate up.`)
  if (to !== undefined) requireKnown(situation, to)
  const kept = to === undefined ? null : historyOf(situation.migrations, to)
  if (to !== undefined && !applied.some(({ id }) => id === to))
    throw new MigrationError(
      `The migration ${quoted(to)} was not run, so nothing can be reversed to it. "corm migrate status" lists those that were.`,
    )
  const chosen = kept === null ? applied.slice(-(steps ?? 1)) : applied.filter(({ id }) => !kept.has(id))
  const reversed = [...chosen].reverse().map((migration) => ({ migration, ...reversalOf(migration) }))
  const online = onlineIn(
    reversed.flatMap(({ work }) => work),
    dialect,
    rows,
  )
  return reversed.map(({ migration: { id, checksum, file, record }, work, losses }) => {
    const runnable: Runnable = {
      id,
      direction: 'down',
      checksum,
      steps: stepsOf(work, { dialect, transaction: file.transaction, online }),
      transaction: file.transaction,
      removes: file.squashes,
    }
    return plannedOf(runnable, record, { work, losses })
  })
}
