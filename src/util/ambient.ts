import { AsyncLocalStorage } from 'node:async_hooks'

/** What follows the async context: one immutable record for all features that need one. */
export interface Ambient {
  /** Running transactions by the database they belong to. */
  readonly transactions: ReadonlyMap<object, object>
}

let storage: AsyncLocalStorage<Ambient> | undefined
let open = 0

/** The ambient record, or undefined when no scope is open. Costs a few nanoseconds. */
export function ambient(): Ambient | undefined {
  return open === 0 ? undefined : storage?.getStore()
}

/**
 * Runs `work` with another ambient record. On Node 20 a used AsyncLocalStorage slows every await of the process,
 * so it is switched off again when the last scope has ended.
 */
export async function withAmbient<T>(record: Ambient, work: () => Promise<T>): Promise<T> {
  storage ??= new AsyncLocalStorage<Ambient>()
  open++
  try {
    return await storage.run(record, work)
  } finally {
    if (--open === 0) storage.disable()
  }
}
