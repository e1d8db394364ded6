import { AbortedError, CormError, MigrationError, MigrationLockedError, UnansweredError } from '../errors.js'
import { picked } from '../util/own.js'
import type { CommandOutput } from './output.js'
import { EXIT, type ExitCode } from './spec.js'

export function exitOf(error: unknown): ExitCode {
  if (error instanceof MigrationLockedError) return EXIT.locked
  if (error instanceof MigrationError && error.cause instanceof AbortedError) return EXIT.stopped
  return error instanceof UnansweredError ? EXIT.question : EXIT.failed
}

/** Prints why a command failed. */
export function printError(error: unknown, output: CommandOutput): void {
  const isKnown = error instanceof CormError
  const message = isKnown ? error.message : unexpected(error)
  output.result({ error: { code: isKnown ? error.code : 'UNEXPECTED', message } })
  output.note(message, 'red')
}

/** The stack of an error that is not corm's. It shows where in the project or in a driver the error occurred. */
function unexpected(error: unknown): string {
  if (!(error instanceof Error)) return `Something was thrown that is no error: ${String(error)}`
  const { code, syscall, path } = picked(error as NodeJS.ErrnoException, 'code', 'syscall', 'path')
  if (code === undefined || syscall === undefined) return error.stack ?? error.message
  return `${path === undefined ? 'A file or connection' : JSON.stringify(path)} can't be used: ${error.message}.`
}
