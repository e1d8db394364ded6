import { EMPTY } from '../ast/schema.js'
import type { Session, SessionLender } from '../database/session.js'
import { MigrationConflictError, MigrationError, quoted } from '../errors.js'
import { cancellationOf } from '../execution/limited.js'
import { settingStatement } from '../execution/statement.js'
import type { Signal } from '../types/database.js'
import type { FinishedMigration, MigrationEvent, MigrationRun, PlannedMigration } from '../types/migration.js'
import { refuseAlone } from './failures.js'
import type { NamedMigration } from './graph.js'
import { MigratorLock, Patience } from './lock.js'
import { lossesOf } from './losses.js'
import {
  type MigrationWork,
  planDown,
  planUp,
  refuseContradictions,
  type Situation,
  situationOf,
  waitingIn,
} from './plan.js'
import { isPooled } from './pooler.js'
import { type MigrationRecord, MigrationRecords, RECORD_TABLE, stepsDone } from './record.js'
import type { ReplayedMigration } from './replay.js'
import { MigrationRunner } from './runner.js'
import { stepsOf } from './step.js'
import { isProduction, sizesFor, stopAtRisks } from './stops.js'
import { workOf } from './work.js'

// The functions behind `db.migrate()` and the command line.

/** Settings that all of these functions accept. */
export interface MigratorSettings {
  readonly migrations: readonly NamedMigration[]
  /** The table that records what was run. Default: `corm_migrations`. */
  readonly table?: string | undefined
  /** Milliseconds to wait while another migrator is at work; 0: not at all. Default: 60,000. */
  readonly wait?: number | undefined
  /** How often a migration is retried because a lock of the application blocked it. Default: 20. */
  readonly lockRetries?: number | undefined
  /** Stops after the step that is running. */
  readonly signal?: Signal | undefined
  /** Stops the statement that is running, on the server too. */
  readonly cancel?: Signal | undefined
  readonly onProgress?: ((event: MigrationEvent) => void) | undefined
}

export interface UpSettings extends MigratorSettings {
  /** The last migration to run, with all that it needs; undefined: all. */
  readonly to?: string | undefined
  /** Also runs migrations with `after: 'deploy'`. Default: false. On an empty database all migrations run. */
  readonly contract?: boolean | undefined
  /** Only plans, without running anything. Default: false. */
  readonly dryRun?: boolean | undefined
  /** Also runs dangerous steps in production without a reason in the file. Default: false. */
  readonly allow?: boolean | undefined
}

export interface DownSettings extends MigratorSettings {
  /** The migration that becomes the last one. All later ones are reversed. */
  readonly to?: string | undefined
  /** How many migrations are reversed. Default, without `to`: 1. */
  readonly steps?: number | undefined
  /** Also reverses migrations if that loses data. Default: false. */
  readonly allowLoss?: boolean | undefined
  /** Losses that the user has confirmed, as `lossLines` writes them. */
  readonly agreed?: readonly string[] | undefined
  readonly dryRun?: boolean | undefined
}

export interface BaselineSettings extends MigratorSettings {
  /** The last migration to record, together with all before it. Undefined: all. */
  readonly to?: string | undefined
}

/** The status of a migration in a database. */
export interface MigrationStatus {
  readonly id: string
  /**
   * `changed`: its file is not what was applied. `unknown`: recorded, but there is no file. `interrupted`: a step was started and
   * may be done. `failed`: a step failed, and those before it are done. `waiting`: it runs after a deployment only.
   */
  readonly state: 'applied' | 'pending' | 'waiting' | 'changed' | 'unknown' | 'interrupted' | 'failed'
  /** The current step, counted from 1, and the number of steps. Null unless the migration was begun and not finished. */
  readonly step: number | null
  readonly steps: number | null
  readonly appliedAt: Date | null
  /** Milliseconds. */
  readonly duration: number | null
  /** The error of the step that failed. */
  readonly message: string | null
}

/** Milliseconds. */
const WAIT = 60_000
const LOCK_RETRIES = 20

/** A connection that holds the lock of the migrator, with the state of the database. */
interface Bench {
  readonly session: Session
  readonly lock: MigratorLock
  readonly records: MigrationRecords
  situation(): Promise<Situation>
}

const ignore = () => {}

/** A read-only transaction, which does not wait for writers. */
const READ = { readOnly: true } as const

/** Runs `work` while no other migrator is running. The table of the record exists by then. */
function locked<R>(db: SessionLender, settings: MigratorSettings, work: (bench: Bench) => Promise<R>): Promise<R> {
  const { wait = WAIT, onProgress = ignore, migrations, signal } = settings
  return db.hold(async (session) => {
    const records = new MigrationRecords(settings.table ?? RECORD_TABLE)
    const patience = new Patience(wait, (holder) => onProgress({ kind: 'waiting', holder }), signal)
    const pooled = await isPooled(db, session)
    // behind a pooler, the settings would apply to other clients of the session
    if (!pooled) for (const sql of session.dialect.migration.session) await session.run(settingStatement(sql))
    const lock = await MigratorLock.take(session, records.name, { patience, isPooled: pooled })
    try {
      await prepare(session, records, lock)
      const situation = async () => situationOf(migrations, await session.transaction((trx) => records.all(trx), READ))
      return await work({ session, lock, records, situation })
    } finally {
      await lock.release()
    }
  })
}

/** Creates the table of the record, while holding the lock. */
async function prepare(session: Session, records: MigrationRecords, lock: MigratorLock): Promise<void> {
  const { dialect } = session
  if (!dialect.capabilities.transactionalDdl) {
    if (!(await records.exists(session))) await records.create(session, dialect)
    return
  }
  await lock.inTransaction(async (trx) => {
    if (!(await records.exists(trx))) await records.create(trx, dialect)
  })
}

/** Reads the state of a database without a lock, and without creating the table of the record. */
function looked<R>(
  db: SessionLender,
  settings: MigratorSettings,
  work: (situation: Situation, session: Session) => Promise<R> | R,
): Promise<R> {
  const records = new MigrationRecords(settings.table ?? RECORD_TABLE)
  return db.hold(async (session) => {
    const found = (await records.exists(session))
      ? await session.transaction((trx) => records.all(trx), READ)
      : new Map()
    return work(situationOf(settings.migrations, found), session)
  })
}

/** Runs the migrations that the database lacks. */
export async function up(db: SessionLender, settings: UpSettings): Promise<MigrationRun> {
  const { to, contract = false, dryRun = false, allow = false } = settings
  const plan = async (situation: Situation, session: Session) =>
    planUp(situation, { to, contract, rows: allow ? null : await rowsFor(situation, session) }, session.dialect)
  const waiting = (situation: Situation) => (contract ? [] : [...waitingIn(situation)])
  if (dryRun)
    return looked(db, settings, async (situation, session) => ({
      ...planOnly(await plan(situation, session)),
      waiting: waiting(situation),
    }))
  return locked(db, settings, async (bench) => {
    const situation = await bench.situation()
    const planned = await plan(situation, bench.session)
    if (!allow && isProduction()) await stopAtRisks(bench.session, newIn(planned, situation))
    const run = await runAll(bench, planned, settings)
    const finished = await recordSquashes(bench, situation, to)
    for (const migration of finished) settings.onProgress?.({ kind: 'finished', migration })
    return { planned: run.planned, finished: [...run.finished, ...finished], waiting: waiting(situation) }
  })
}

/** The sizes of tables, if the database can refuse changes that would block a large table. */
const rowsFor = async ({ migrations }: Situation, session: Session) =>
  session.dialect.migration.online === null ? null : sizesFor(session, migrations)

/** The migrations of a plan that have not begun. The others were allowed when they began. */
function newIn(plan: readonly MigrationWork[], { migrations }: Situation): readonly ReplayedMigration[] {
  const ids = new Set(plan.map(({ shown }) => shown.id))
  return migrations.filter(({ id, record }) => record === null && ids.has(id))
}

const planOnly = (plan: readonly MigrationWork[]): MigrationRun => ({
  planned: plan.map(({ shown }) => shown),
  finished: [],
  waiting: [],
})

async function runAll(
  { session, lock, records }: Bench,
  plan: readonly MigrationWork[],
  settings: UpSettings | DownSettings,
): Promise<MigrationRun> {
  const { onProgress = ignore, lockRetries = LOCK_RETRIES, signal, cancel } = settings
  const cancellation = cancel === undefined ? null : cancellationOf({ timeout: null, signal: cancel, deadline: null })
  const planned = plan.map(({ shown }) => shown)
  if (lock.isPooled) refuseAlone(plan.map(({ runnable }) => runnable))
  onProgress({ kind: 'planned', migrations: planned })
  const finished: FinishedMigration[] = []
  for (const { runnable } of plan) {
    const options = { session, records, lock, lockRetries, signal, cancellation, onEvent: onProgress }
    const done = await new MigrationRunner(runnable, options).run()
    if (done !== null) finished.push(done)
  }
  return { planned, finished, waiting: [] }
}

/** Records squashes whose original migrations have all run. */
async function recordSquashes(
  bench: Bench,
  situation: Situation,
  to: string | undefined,
): Promise<FinishedMigration[]> {
  if (situation.chosen.recorded.length === 0 || to !== undefined) return []
  const { records, lock } = bench
  return lock.inTransaction(async (trx) => {
    const now = await records.all(trx)
    const finished: FinishedMigration[] = []
    for (const { id, file } of situation.chosen.recorded) {
      if (now.has(id) || !file.squashes.every((each) => now.get(each)?.state === 'done')) continue
      const record = doneRecord(id, '', 0)
      const { migrations } = situationOf(situation.all, new Map([...now, [id, record]]))
      const checksum = migrations.find((each) => each.id === id)?.checksum ?? ''
      await records.write(trx, { ...record, checksum })
      finished.push({ id, direction: 'up', how: 'recorded', duration: 0 })
    }
    return finished
  })
}

function doneRecord(id: string, checksum: string, step: number): MigrationRecord {
  const now = new Date()
  return {
    id,
    checksum,
    state: 'done',
    direction: 'up',
    step,
    stepState: 'done',
    startedAt: now,
    finishedAt: now,
    duration: 0,
    message: null,
  }
}

/** Reverses migrations, the last one first. */
export async function down(db: SessionLender, settings: DownSettings): Promise<MigrationRun> {
  const { to, steps, allowLoss = false, agreed = [], dryRun = false } = settings
  if (steps !== undefined && steps < 1) throw new MigrationError('The number of migrations to reverse is at least 1.')
  const plan = async (situation: Situation, session: Session) => {
    const rows = await rowsFor(situation, session)
    const planned = planDown(situation, { to, steps, rows }, session.dialect)
    const isBegun = ({ shown: { id } }: MigrationWork) => situation.records.get(id)?.state === 'running'
    const last = situation.migrations.findLast(({ record }) => record !== null)
    // the schema is unknown if a migration is partly reversed, so every loss counts
    const now = planned.some(isBegun) ? EMPTY : (last?.after ?? EMPTY)
    return Promise.all(
      planned.map(async (each): Promise<MigrationWork> => {
        // a reversal that has begun was allowed then
        const losses = isBegun(each) ? [] : [...each.shown.losses, ...(await lossesOf(each.work, session, now))]
        return { ...each, shown: { ...each.shown, losses } }
      }),
    )
  }
  if (dryRun) return looked(db, settings, async (situation, session) => planOnly(await plan(situation, session)))
  return locked(db, settings, async (bench) => {
    const planned = await plan(await bench.situation(), bench.session)
    if (!allowLoss) refuseLosses(planned, agreed)
    return runAll(bench, planned, settings)
  })
}

/** The losses of a plan, one line per migration. */
export const lossLines = (plan: readonly PlannedMigration[]): readonly string[] =>
  plan.flatMap(({ id, losses }) => (losses.length === 0 ? [] : [`${id}: ${losses.join('; ')}`]))

function refuseLosses(plan: readonly MigrationWork[], agreed: readonly string[]): void {
  const losing = lossLines(plan.map(({ shown }) => shown)).filter((line) => !agreed.includes(line))
  if (losing.length > 0)
    throw new MigrationError(
      `Reversing would lose data. ${losing.join('. ')}. Nothing was run. Allow it with allowLoss (on the command line: --allow-loss).`,
    )
}

/** Lists every known or recorded migration in running order. Changes nothing. */
export const status = (db: SessionLender, settings: MigratorSettings): Promise<readonly MigrationStatus[]> =>
  looked(db, settings, (situation, { dialect }) => {
    const { migrations, records, missing, chosen } = situation
    const waiting = waitingIn(situation)
    const known = migrations.map((migration): MigrationStatus => {
      const { id, record, checksum } = migration
      if (record === null) return statusOf(id, waiting.has(id) ? 'waiting' : 'pending', null)
      if (record.checksum !== checksum) return statusOf(id, 'changed', record)
      if (record.state === 'done') return statusOf(id, 'applied', record)
      const steps = stepsOf(workOf(migration), { dialect, transaction: migration.file.transaction }).length
      const state = record.stepState === 'failed' ? 'failed' : 'interrupted'
      return { ...statusOf(id, state, record), step: Math.min(stepsDone(record, record.direction) + 1, steps), steps }
    })
    const squashes = chosen.recorded.map(({ id }) => statusOf(id, 'pending', null))
    return [
      ...known,
      ...squashes.filter(({ id }) => !known.some((each) => each.id === id)),
      ...missing.map((id) => statusOf(id, 'unknown', records.get(id) ?? null)),
    ]
  })

const statusOf = (id: string, state: MigrationStatus['state'], record: MigrationRecord | null): MigrationStatus => ({
  id,
  state,
  step: null,
  steps: null,
  appliedAt: record?.finishedAt ?? null,
  duration: record?.duration ?? null,
  message: record?.stepState === 'failed' ? record.message : null,
})

/** Records migrations as applied without running them, for a database that already has their schema. */
export async function baseline(db: SessionLender, settings: BaselineSettings): Promise<MigrationRun> {
  const { to, onProgress = ignore } = settings
  return locked(db, settings, async ({ situation, session, records, lock }) => {
    const plan = planUp(await situation(), { to, contract: true, rows: null }, session.dialect)
    const begun = plan.find(({ shown }) => shown.done > 0)
    if (begun !== undefined)
      throw new MigrationError(
        `The migration ${quoted(begun.shown.id)} has been begun. Finish it with "corm migrate up".`,
      )
    const planned = plan.map(({ shown }): PlannedMigration => ({ ...shown, how: 'recorded' }))
    const finished = await lock.inTransaction(async (trx) => {
      for (const { runnable } of plan)
        await records.write(trx, doneRecord(runnable.id, runnable.checksum, runnable.steps.length))
      return plan.map(
        ({ runnable: { id } }): FinishedMigration => ({ id, direction: 'up', how: 'recorded', duration: 0 }),
      )
    })
    for (const migration of finished) onProgress({ kind: 'finished', migration })
    return { planned, finished, waiting: [] }
  })
}

/** Records that the edited file of an applied migration is intended. */
export const accept = (db: SessionLender, settings: MigratorSettings & { readonly id: string }): Promise<void> =>
  locked(db, settings, async ({ situation, records, lock }) => {
    const { id } = settings
    const found = (await situation()).migrations.find((each) => each.id === id)
    if (found === undefined)
      throw new MigrationError(`There is no migration ${quoted(id)}. "corm migrate status" lists them.`)
    const { record, checksum } = found
    if (record === null)
      throw new MigrationError(`The migration ${quoted(id)} was not run, so there is nothing to accept.`)
    await lock.inTransaction((trx) => records.write(trx, { ...record, checksum }))
  })

/**
 * Reports that the step at which a migration was interrupted is `done`, or must run again (`redo`). Then the migration
 * continues in its direction.
 */
export async function resume(
  db: SessionLender,
  settings: UpSettings & { readonly step: 'done' | 'redo' },
): Promise<MigrationRun> {
  const { step } = settings
  const direction = await locked(db, settings, async ({ situation, records, lock }) => {
    const now = await situation()
    refuseContradictions(now)
    const open = now.migrations.find(({ record }) => record?.state === 'running')?.record
    if (open === undefined || open === null)
      throw new MigrationConflictError(
        'No migration was interrupted, so there is nothing to resume. Run "corm migrate up".',
      )
    if (open.stepState !== 'done')
      await lock.inTransaction((trx) => records.write(trx, { ...open, stepState: step === 'done' ? 'done' : 'failed' }))
    return open.direction
  })
  const { step: _, ...others } = settings
  return direction === 'up' ? up(db, settings) : down(db, { ...others, to: undefined, allowLoss: true })
}
