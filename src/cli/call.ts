import type { OptionValues } from './option-values.js'
import type { CommandOutput } from './output.js'

/** One call of a command. */
export interface CommandCall {
  readonly arguments: readonly string[]
  readonly options: OptionValues
  readonly output: CommandOutput
  /** The words after `corm`, as they were typed. */
  readonly words: readonly string[]
  /** The folder that the command was called in. */
  readonly folder: string
}
