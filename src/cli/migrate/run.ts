import type { Database } from '../../database/database.js'
import { AbortedError, MigrationError, UsageError } from '../../errors.js'
import type { MigratorSettings } from '../../migration/migrator.js'
import type { MigrationEvent, MigrationRun, PlannedStep } from '../../types/migration.js'
import type { CommandCall } from '../call.js'
import { count } from '../count.js'
import { cancellable } from '../interrupt.js'
import type { OptionValues } from '../option-values.js'
import { type CommandOutput, shown } from '../output.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/**
 * Connects, runs the work with the migrations of the project, and closes the connection. The first Ctrl-C stops after the
 * running step, the second one cancels that step.
 */
export async function withMigrations<T>(
  call: CommandCall,
  work: (database: Database, settings: MigratorSettings, project: Project) => Promise<T>,
): Promise<T> {
  const { output, options } = call
  const project = await Project.open(call)
  const migrations = await project.migrations()
  await using database = await (options.flag('dry-run') ? project.connectToLook() : project.connect('migrations'))
  // awaited, so that the database is closed only after the work
  return await cancellable(output, async (signal, cancel) => {
    const settings: MigratorSettings = {
      migrations,
      table: project.config.migrationsTable,
      wait: waitOf(options),
      signal,
      cancel,
      onProgress: (event) => printEvent(event, output),
    }
    try {
      return await work(database, settings, project)
    } catch (error) {
      if (!signal.aborted || !(error instanceof AbortedError)) throw error
      throw new MigrationError(
        'Stopped. What was done is recorded: "corm migrate status" shows it, and the same command goes on.',
        { cause: error },
      )
    }
  })
}

/** How long to wait for another migrator, in milliseconds. Undefined: the default of the migrator. */
function waitOf(options: OptionValues): number | undefined {
  // --no-wait sets the option to false
  if (options.isOff('wait') || options.flag('fail-if-locked')) return 0
  const given = options.text('wait')
  return given === null ? undefined : wholeOf(given, '--wait', 'a number of seconds') * 1000
}

/** The number in an option. */
export function wholeOf(text: string, option: string, wants: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text)
  throw new UsageError(`The option ${option} takes ${wants}.`)
}

function printEvent(event: MigrationEvent, output: CommandOutput): void {
  switch (event.kind) {
    case 'waiting':
      return output.note(
        `Another migrator is at work${event.holder === null ? '' : ` (${shown(event.holder)})`}. Waiting.`,
        'yellow',
      )
    case 'started':
      return output.note(`${event.direction === 'up' ? 'running' : 'reversing'} ${shown(event.id)}`)
    case 'step':
      return output.note(`  ${shown(event.step.description)}`, 'dim')
    case 'retry':
      return output.note(
        `  A lock was in the way. ${shown(event.id)} is tried again in ${event.delay} ms (${event.attempt}).`,
        'yellow',
      )
    case 'finished': {
      const { id, how, duration } = event.migration
      return output.note(
        `${how === 'recorded' ? 'recorded' : 'done'} ${shown(id)} (${Math.round(duration)} ms)`,
        'green',
      )
    }
    case 'planned':
  }
}

/** Prints the result of a run, or of a plan. */
export function printRun(
  { planned, finished, waiting }: MigrationRun,
  options: OptionValues,
  output: CommandOutput,
): ExitCode {
  if (options.flag('dry-run')) {
    output.write(planned.map(sqlText).join('\n'))
    output.result({ planned, waiting })
    if (planned.length === 0) output.note('There is nothing to run.')
    noteWaiting(waiting, output)
    return EXIT.done
  }
  output.say(
    finished.length === 0 ? 'There was nothing to run.' : `${count(finished.length, 'migration')} done`,
    'green',
  )
  noteWaiting(waiting, output)
  output.result({ finished, waiting })
  return EXIT.done
}

/** Names the migrations that wait for a deployment, and the command that runs them. */
export function noteWaiting(waiting: readonly string[], output: CommandOutput): void {
  if (waiting.length === 0) return
  output.note(
    `${count(waiting.length, 'migration')} ${waiting.length === 1 ? 'waits' : 'wait'} for the deployment: ${waiting.map(shown).join(', ')}. Deploy the new code, then run: corm migrate up --contract`,
    'yellow',
  )
}

/** A step of a script that a person runs. */
export interface ScriptStep extends PlannedStep {
  /** Statements that count the rows that would stop the step. */
  readonly checks?: readonly (readonly string[])[]
}

/** The SQL of a migration. Comments describe each step. */
export const sqlText = ({ id, steps }: { readonly id: string; readonly steps: readonly ScriptStep[] }): string =>
  `-- ${shown(id)}\n${steps.map(stepText).join('')}`

export function stepText({ description, sql, checks = [] }: ScriptStep): string {
  const lines = sql.length === 0 ? ['-- (no SQL)'] : sql.map((text) => `${text};`)
  const counts = checks.map((texts) => `-- must return 0 before it:\n${texts.map(inComment).join('')}`)
  return `-- ${shown(description)}\n${counts.join('')}${lines.join('\n')}\n`
}

const inComment = (text: string): string => `${text};\n`.replace(/^(?=.)/gm, '--   ')
