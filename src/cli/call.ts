import type { OptionValues } from './option-values.js'
import type { Output } from './output.js'

/** One call of a command. */
export interface Call {
  readonly arguments: readonly string[]
  readonly options: OptionValues
  readonly output: Output
  /** The words after `corm`, as they were typed. */
  readonly words: readonly string[]
  /** The folder that the command was called in. */
  readonly folder: string
}
