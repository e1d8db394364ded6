import { AsyncLocalStorage } from 'node:async_hooks'

/** What callers that wait for a transaction need to know about it. */
export interface RunningTransaction {
  readonly hasEnded: boolean
}

/** The data in the async context: one immutable record for all features that need one. */
export interface Ambient {
  /** The running transactions by database. */
  readonly transactions: ReadonlyMap<object, RunningTransaction>
  /** Transactions that are still running around work that was taken out of them. */
  readonly around?: ReadonlyMap<object, RunningTransaction>
  /** The N+1 detection's state for this work, while it is switched on. */
  readonly flow?: object
  /** Events are switched off. */
  readonly withoutEvents?: boolean
  /** The language of this work. */
  readonly locale?: string | undefined
}

export const NO_AMBIENT: Ambient = { transactions: new Map() }

/** A record in the async context. */
interface AmbientScope {
  readonly record: Ambient
  /** Held for as long as anything can see the record. */
  readonly watched: object
}

let storage: AsyncLocalStorage<AmbientScope | undefined> | undefined
/** The number of watched objects that a running scope, or work left over from one, still holds. */
let alive = 0

/** Before this version of Node, an active AsyncLocalStorage slows down every await of the process. */
const costly = Number(process.versions.node.split('.')[0]) < 24

/**
 * Work left over from a scope must see that the scope has ended. So the storage stays enabled until nothing holds the
 * record.
 */
const collected = new FinalizationRegistry<void>(() => {
  if (--alive === 0) storage?.disable()
})

/** Watching an object takes longer than a whole transaction on SQLite, so scopes of one turn of the event loop share one. */
let shared: { readonly watched: object; scopes: number } | undefined
const MOST_SCOPES = 256

/** The ambient record, or undefined outside any scope. This costs a few nanoseconds. */
export function ambient(): Ambient | undefined {
  return alive === 0 ? undefined : storage?.getStore()?.record
}

/** Runs `work` with another ambient record. */
export function withAmbient<T>(record: Ambient, work: () => T): T {
  return enabled().run(scopeOf(record), work)
}

/**
 * Binds later work to the user's current async context, and to its language. corm's other data in it (transactions) remains
 * that of the code that runs the work.
 */
export function captureContext(): <T>(work: () => Promise<T>) => Promise<T> {
  const inContext = AsyncLocalStorage.snapshot()
  const locale = ambientLocale()
  return (work) => {
    const scope = inLocale(alive === 0 ? undefined : storage?.getStore(), locale)
    return inContext(() => (storage === undefined || storage.getStore() === scope ? work() : storage.run(scope, work)))
  }
}

function inLocale(scope: AmbientScope | undefined, locale: string | undefined): AmbientScope | undefined {
  const record = scope?.record ?? NO_AMBIENT
  return localeIn(record) === locale ? scope : scopeOf({ ...record, locale })
}

const localeIn = (record: Ambient) => (Object.hasOwn(record, 'locale') ? record.locale : undefined)

/** The language of the running code, if it has chosen one. */
export function ambientLocale(): string | undefined {
  const record = ambient()
  return record === undefined ? undefined : localeIn(record)
}

/** Sets another ambient record for the rest of the running function and what it starts. */
export function enterAmbient(record: Ambient): void {
  enabled().enterWith(scopeOf(record))
}

function enabled(): AsyncLocalStorage<AmbientScope | undefined> {
  storage ??= new AsyncLocalStorage()
  return storage
}

function scopeOf(record: Ambient): AmbientScope {
  if (shared === undefined || shared.scopes === MOST_SCOPES) shared = watch()
  shared.scopes++
  return { record, watched: shared.watched }
}

function watch() {
  const watched = {}
  alive++
  if (costly) collected.register(watched)
  setImmediate(() => {
    if (shared?.watched === watched) shared = undefined
  }).unref()
  return { watched, scopes: 0 }
}
