import { UnansweredError } from '../errors.js'
import { own } from '../util/own.js'
import type { CommandOutput } from './output.js'

// Asks questions on a terminal. The package for prompts is loaded with the first question.

/** Whether there is a terminal that can answer. */
export const canAsk = ({ isJson }: CommandOutput): boolean =>
  !isJson && process.stdin.isTTY === true && process.stdout.isTTY === true && own(process.env).CI === undefined

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}

const prompts = () => import('@clack/prompts')

/** The question was cancelled by Ctrl-C or Escape. */
function cancelled(): never {
  throw new UnansweredError('The question was not answered. Nothing was written.')
}

/** Lets the user choose. The first choice is the default. */
export async function chooseOne<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T> {
  const { select: ask } = await prompts()
  const options = choices.map(({ value, label, hint = '' }) => ({ value: String(value), label, hint }))
  const answer = await ask({ message, options })
  const chosen = choices.find(({ value }) => value === answer)
  return chosen === undefined ? cancelled() : chosen.value
}

/** Lets the user write a line. */
export async function write(message: string, placeholder: string): Promise<string> {
  const { text } = await prompts()
  const answer = await text({ message, placeholder, defaultValue: placeholder })
  return typeof answer === 'symbol' ? cancelled() : answer
}

/** Asks a question whose answer is yes or no. */
export async function confirm(message: string): Promise<boolean> {
  const { confirm: ask } = await prompts()
  const answer = await ask({ message, initialValue: false })
  return typeof answer === 'symbol' ? cancelled() : answer
}
