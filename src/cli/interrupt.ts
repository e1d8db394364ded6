import type { CommandOutput } from './output.js'

/** Runs work that stops at Ctrl-C: the first one stops it after the running statement, the second one immediately. */
export function interruptible<T>(output: CommandOutput, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  return stoppable([{ controller: stop, says: `${STOPPING} to stop without waiting for it.` }], output, () =>
    work(stop.signal),
  )
}

/**
 * Runs work whose statements the database can cancel. The first Ctrl-C stops it after the running statement, the second one
 * cancels the statement, and the third one stops immediately.
 */
export function cancellable<T>(
  output: CommandOutput,
  work: (stop: AbortSignal, cancel: AbortSignal) => Promise<T>,
): Promise<T> {
  const [stop, cancel] = [new AbortController(), new AbortController()]
  const levels = [
    { controller: stop, says: `${STOPPING} to cancel it.` },
    { controller: cancel, says: 'Cancelling the statement. Press Ctrl-C again to leave at once.' },
  ]
  return stoppable(levels, output, () => work(stop.signal, cancel.signal))
}

const STOPPING = 'Stopping after the statement that is running. Press Ctrl-C again'

interface InterruptStage {
  readonly controller: AbortController
  readonly says: string
}

async function stoppable<T>(
  levels: readonly InterruptStage[],
  output: CommandOutput,
  work: () => Promise<T>,
): Promise<T> {
  const stop = () => {
    const level = levels.find(({ controller }) => !controller.signal.aborted)
    if (level === undefined) process.exit(130)
    output.note(level.says, 'yellow')
    level.controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await work()
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
