import type { Output } from './output.js'

/** Runs work that stops at Ctrl-C. The first one stops it after the statement that is running, the second one at once. */
export async function interruptible<T>(output: Output, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    output.note('Stopping. Press Ctrl-C again to stop without waiting for the statement that is running.', 'yellow')
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
