import type { CommandCall } from './call.js'

/** Exit codes of all commands. */
export const EXIT = {
  done: 0,
  /** The command failed, or its comparison found differences. */
  failed: 1,
  /** The command needs an answer first. Nothing was written. */
  question: 2,
  /** Another migrator is running. The number is EX_TEMPFAIL of sysexits.h. */
  locked: 75,
  /** Ctrl-C. */
  stopped: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An option of a command, in the notation of commander. */
export interface OptionSpec {
  /** `--to <id>` takes a value. `--rename <table.old:new>` with `many` can be repeated. */
  readonly flags: string
  readonly description: string
  readonly many?: boolean
  readonly choices?: readonly string[]
}

export interface ArgumentSpec {
  /** `<file>` is required, `[name]` is not, `[models...]` takes several. */
  readonly name: string
  readonly description: string
}

/** The module with the code of a command. */
export interface CommandModule {
  run(call: CommandCall): Promise<ExitCode>
}

/** A command as help shows it. Its code is loaded when it runs. */
export interface CommandSpec {
  /** The words of the command: `migrate make`. */
  readonly name: string
  readonly description: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  load(): Promise<CommandModule>
}
