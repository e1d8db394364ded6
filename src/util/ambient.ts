import { AsyncLocalStorage } from 'node:async_hooks'

/** A transaction, as far as those who wait for it need to know. */
export interface RunningTransaction {
  readonly hasEnded: boolean
}

/** What follows the async context: one immutable record for all features that need one. */
export interface Ambient {
  /** Running transactions by the database they belong to. */
  readonly transactions: ReadonlyMap<object, RunningTransaction>
  /** Those that go on around work that was taken outside of them. */
  readonly around?: ReadonlyMap<object, RunningTransaction>
  /** What the search for N+1 queries knows of this work, while it is switched on. */
  readonly flow?: object
  /** Events are switched off. */
  readonly withoutEvents?: boolean
}

export const NO_AMBIENT: Ambient = { transactions: new Map() }

let storage: AsyncLocalStorage<Ambient | undefined> | undefined
/** Records that a running scope, or work left over from one, may still see. */
let alive = 0

/** Before this version a used AsyncLocalStorage slows every await of the process. */
const costly = Number(process.versions.node.split('.')[0]) < 24

/** Work left over from a scope must see that it has ended: the storage stays on until nothing holds the record. */
const collected = new FinalizationRegistry<void>(() => {
  if (--alive === 0) storage?.disable()
})

/** The ambient record, or undefined where no scope ever was. Costs a few nanoseconds. */
export function ambient(): Ambient | undefined {
  return alive === 0 ? undefined : storage?.getStore()
}

/** Runs `work` with another ambient record. */
export function withAmbient<T>(record: Ambient, work: () => Promise<T>): Promise<T> {
  return kept(record).run(record, work)
}

/**
 * Runs later work in the async context of now, as far as it is the user's: what corm keeps there (transactions) stays that
 * of whoever does the work.
 */
export function keepContext(): <T>(work: () => Promise<T>) => Promise<T> {
  const inContext = AsyncLocalStorage.snapshot()
  return (work) => {
    const record = ambient()
    return inContext(() => (ambient() === record || storage === undefined ? work() : storage.run(record, work)))
  }
}

/** Another ambient record for the rest of the function that runs, and for what it begins. */
export function enterAmbient(record: Ambient): void {
  kept(record).enterWith(record)
}

function kept(record: Ambient): AsyncLocalStorage<Ambient | undefined> {
  storage ??= new AsyncLocalStorage()
  alive++
  if (costly) collected.register(record)
  return storage
}
