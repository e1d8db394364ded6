import type { CommandCall } from './call.js'

/** Exit codes of all commands. */
export const EXIT = {
  done: 0,
  /** The command failed, or what it compared is different. */
  failed: 1,
  /** Nothing was written: the command needs an answer first. */
  question: 2,
  /** Another migrator is at work. The number is EX_TEMPFAIL of sysexits.h. */
  locked: 75,
  /** Ctrl-C. */
  stopped: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An option of a command, in the notation of commander. */
export interface OptionSpec {
  /** `--to <id>`: with a value; `--rename <table.old:new>` with `many`: as often as wanted. */
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

/** The work of a command. */
export interface CommandModule {
  run(call: CommandCall): Promise<ExitCode>
}

/** A command as help shows it. Its work is loaded when it runs. */
export interface CommandSpec {
  /** Its words: `migrate make`. */
  readonly name: string
  readonly description: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  load(): Promise<CommandModule>
}
