import type { ColumnState, TableState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import type { Executor } from '../execution/executor.js'
import { questionOnce, schemaStatement } from '../execution/statement.js'
import { tableDefinition } from '../schema/definitions.js'
import { column, columnStateFrom } from './column.js'
import { rowsOf, type TableRows } from './rows.js'

// The record of applied migrations, a table in the database.

export const RECORD_TABLE = 'corm_migrations'

/** The version of the table's format, for later versions of corm. */
const VERSION = 1

export type Direction = 'up' | 'down'

/** The record of one migration. A migration without a record has not begun. */
export interface MigrationRecord {
  readonly id: string
  readonly checksum: string
  /** `running`: begun, and not finished. */
  readonly state: 'running' | 'done'
  readonly direction: Direction
  /** The current step, counted from 1; 0: none has begun. */
  readonly step: number
  readonly stepState: 'running' | 'done' | 'failed'
  readonly startedAt: Date
  readonly finishedAt: Date | null
  /** Milliseconds. */
  readonly duration: number | null
  /** The error of a failed step, or the progress of a step that runs in batches. */
  readonly message: string | null
}

const COLUMNS = {
  id: column.string({ max: 255 }),
  checksum: column.char(64),
  state: column.string({ max: 10 }),
  direction: column.string({ max: 10 }),
  step: column.integer(),
  step_state: column.string({ max: 10 }),
  started_at: column.dateTime(),
  finished_at: column.dateTime({ nullable: true }),
  duration_ms: column.integer({ nullable: true }),
  version: column.integer(),
  message: column.text({ nullable: true }),
}

const tableOf = (name: string): TableState => ({
  name,
  columns: Object.entries(COLUMNS).map(([each, made]): ColumnState => columnStateFrom({ name }, each, made, null)),
  primaryKey: ['id'],
  indexes: [],
  foreignKeys: [],
  checks: [],
  comment: null,
  options: null,
  retired: false,
})

/** The record of the migrations that were run. */
export class MigrationRecords {
  readonly #table: TableState
  readonly #rows: TableRows

  constructor(readonly name: string) {
    this.#table = tableOf(name)
    this.#rows = rowsOf(this.#table)
  }

  /** Whether the table is there. */
  async exists(on: Pick<Executor, 'run' | 'dialect'>): Promise<boolean> {
    const { rows } = await on.run(questionOnce(on.dialect.listTables))
    return rows.some(([name]) => name === this.name)
  }

  async create(on: Pick<Executor, 'run'>, { compiler }: Dialect): Promise<void> {
    await on.run(schemaStatement(compiler.compileInline(tableDefinition(this.#table))))
  }

  /** The statement of a script that makes the table if it is not there. */
  creation({ compiler }: Dialect): string {
    return compiler.compileInline({ ...tableDefinition(this.#table), ifNotExists: true })
  }

  /** The statement of a script that records a migration whose steps were run by hand. */
  insertion(
    { id, checksum, steps }: { readonly id: string; readonly checksum: string; readonly steps: number },
    { compiler: { syntax } }: Dialect,
  ): string {
    const now = syntax.madeDefault('now', { name: 'dateTime', precision: 3 })
    const values: Readonly<Record<keyof typeof COLUMNS, string>> = {
      id: syntax.literal(id),
      checksum: syntax.literal(checksum),
      state: syntax.literal('done'),
      direction: syntax.literal('up'),
      step: String(steps),
      step_state: syntax.literal('done'),
      started_at: now,
      finished_at: now,
      duration_ms: '0',
      version: String(VERSION),
      message: 'null',
    }
    const names = Object.keys(values).map(syntax.quote).join(', ')
    return `insert into ${syntax.quote(this.name)} (${names}) values (${Object.values(values).join(', ')})`
  }

  async all(executor: Executor): Promise<ReadonlyMap<string, MigrationRecord>> {
    const rows = await this.#rows.rows(executor, {})
    return new Map(rows.map((row) => [String(row.id), recordOf(row)]))
  }

  async find(executor: Executor, id: string): Promise<MigrationRecord | null> {
    const [row] = await this.#rows.rows(executor, { id })
    return row === undefined ? null : recordOf(row)
  }

  /** Inserts or updates a record. */
  async write(executor: Executor, record: MigrationRecord): Promise<void> {
    const values = valuesOf(record)
    const { id, ...others } = values
    // MySQL may only count rows that change, so the number of updated rows is no test
    if ((await this.find(executor, record.id)) === null) await this.#rows.insert(executor, [values])
    else await this.#rows.update(executor, { id }, others)
  }

  async remove(executor: Executor, id: string): Promise<void> {
    await this.#rows.delete(executor, { id })
  }
}

/** Reads a row without checks, because only corm writes this table. */
function recordOf(row: Record<string, unknown>): MigrationRecord {
  const { id, checksum, state, direction, step, step_state, started_at, finished_at, duration_ms, message } = row
  return {
    id,
    checksum,
    state,
    direction,
    step,
    stepState: step_state,
    startedAt: started_at,
    finishedAt: finished_at,
    duration: duration_ms,
    message,
  } as MigrationRecord
}

const valuesOf = ({ stepState, startedAt, finishedAt, duration, ...others }: MigrationRecord) => ({
  ...others,
  step_state: stepState,
  started_at: startedAt,
  finished_at: finishedAt,
  duration_ms: duration,
  version: VERSION,
})

/** How many steps of a migration are done in this direction. */
export function stepsDone(record: MigrationRecord | null, direction: Direction): number {
  // the steps were run in the other direction, so none is done in this one
  if (record === null || record.direction !== direction) return 0
  return record.stepState === 'done' ? record.step : record.step - 1
}
