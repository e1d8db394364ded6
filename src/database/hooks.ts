import type { CommitHook } from '../execution/commit-log.js'

export type { CommitHook } from '../execution/commit-log.js'

/** Hooks run after the commit: what they throw can't undo it and must not look as if it had. */
export async function runHooks(hooks: readonly CommitHook[]): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook()
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), 'AfterCommitWarning')
    }
  }
}
