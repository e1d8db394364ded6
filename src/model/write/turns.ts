import { PoolTimeoutError, UsageError } from '../../errors.js'
import type { OpenTransaction, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Batch, InstanceWrite } from './batch.js'
import { hooksAround } from './hooks.js'

/** How long a write waits for another write of the same instance, in milliseconds. */
const WAIT = 30_000

/** A running write, with the transaction that it is part of. */
interface Turn {
  readonly instances: readonly object[]
  readonly done: Promise<unknown>
  readonly trx: OpenTransaction | null
}

/**
 * Runs the writes of one instance one after the other. A second write waits, and then writes the remaining changes. Without a
 * running write this costs one check of a number, and on a synchronous database no write is ever running.
 */
class Turns {
  #active = 0
  readonly #last = new WeakMap<object, Turn>()
  /** Running writes of many instances. Their sets of instances are built only when another write asks. */
  readonly #many = new Map<Turn, Set<object> | null>()

  get busy(): boolean {
    return this.#active > 0
  }

  /** Whether a write of this instance is running. */
  has(instance: object): boolean {
    return this.#active > 0 && this.#before([instance]).length > 0
  }

  /** Runs work when no other write of these instances is running, and lets others wait for it. */
  run<T>(instances: readonly object[], trx: OpenTransaction | null, work: () => MaybePromise<T>): MaybePromise<T> {
    const before = this.#active === 0 ? [] : this.#before(instances)
    const result = before.length === 0 ? work() : waitFor(before, instances, trx).then(work)
    if (result instanceof Promise) this.hold(instances, trx, result)
    return result
  }

  /** Resolves when no write of these instances is running. */
  async over(instances: readonly object[], trx: OpenTransaction | null): Promise<void> {
    const before = this.#active === 0 ? [] : this.#before(instances)
    if (before.length > 0) await waitFor(before, instances, trx)
  }

  /** Lets others wait for a write that has begun. */
  hold(instances: readonly object[], trx: OpenTransaction | null, done: Promise<unknown>): void {
    const turn = { instances, trx, done }
    const [only, second] = instances
    this.#active++
    if (only !== undefined && second === undefined) this.#last.set(only, turn)
    else this.#many.set(turn, null)
    const end = () => {
      this.#active--
      this.#many.delete(turn)
      if (only !== undefined && this.#last.get(only) === turn) this.#last.delete(only)
    }
    done.then(end, end)
  }

  #before(instances: readonly object[]): Turn[] {
    const turns = new Set<Turn>()
    for (const instance of instances) {
      const last = this.#last.get(instance)
      if (last !== undefined) turns.add(last)
    }
    for (const [turn, known] of this.#many) {
      const set = known ?? new Set(turn.instances)
      if (known === null) this.#many.set(turn, set)
      if (instances.some((instance) => set.has(instance))) turns.add(turn)
    }
    return [...turns]
  }
}

function waitFor(turns: readonly Turn[], instances: readonly object[], trx: OpenTransaction | null): Promise<void> {
  for (const turn of turns)
    if (mayWaitForUs(turn.trx, trx))
      return Promise.reject(
        new UsageError(
          `${nameOf(instances)} is being written outside this transaction, and that write may be waiting for the transaction to end. Await it before the transaction begins.`,
        ),
      )
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new PoolTimeoutError(
            `${nameOf(instances)} was being written by another call for ${WAIT} ms, and this one waited for it. Await the first call before the second.`,
          ),
        ),
      WAIT,
    )
    void Promise.allSettled(turns.map(({ done }) => done)).then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/**
 * Whether their write may wait for ours: a write outside a transaction may need a lock or a connection that our transaction
 * holds.
 */
function mayWaitForUs(theirs: OpenTransaction | null, ours: OpenTransaction | null): boolean {
  if (ours === null) return false
  for (let trx = theirs; trx !== null; trx = trx.parent) if (trx === ours) return false
  if (theirs === null || theirs.undo.root !== ours.undo.root) return true
  // a write in an outer transaction waits until this nested one ends
  for (let trx = ours.parent; trx !== null; trx = trx.parent) if (trx === theirs) return true
  return false
}

const nameOf = ([first]: readonly object[], article = 'This'): string =>
  `${article} "${(first && originOf(first)?.meta.name) ?? first?.constructor.name ?? 'instance'}"`

const turns = new Turns()
/** The turns of calls that write several instances in one transaction, and write each of them through `turns`. */
const calls = new Turns()

/** Runs the write of an instance when no other write of it is running. */
export function oneInTurn(
  write: InstanceWrite,
  using: Using,
  work: (write: InstanceWrite, using: Using) => MaybePromise<void>,
): MaybePromise<void> {
  const { runtime, instance, action } = write
  if (turns.busy) {
    const trx = transactionFor(runtime, using)
    if (comesFromHook(instance, trx)) return work(write, using)
    return turns.run([instance], trx, () => work(write, using))
  }
  const done = work(write, using)
  if (done instanceof Promise) turns.hold([instance], transactionIfAny(runtime, using), done)
  // two deletes at once behave the same on every database, even if the first has finished before the second begins
  else if (action === 'delete') turns.hold([instance], transactionFor(runtime, using), DONE)
  return done
}

/** Whether any write is running, so that others must check for writes of their instances. */
export const isAnyTurnTaken = (): boolean => turns.busy

/** Lets others wait for a write of the instance that began without a turn. */
export const holdTurn = (instance: object, trx: OpenTransaction | null, done: Promise<unknown>): void =>
  turns.hold([instance], trx, done)

const DONE = Promise.resolve()

/** Runs a write of many instances when none of them is being written. */
export function manyInTurn<T>({ runtime, instances }: Batch, using: Using, work: () => Promise<T>): Promise<T> {
  const trx = transactionFor(runtime, using)
  const others = turns.busy ? instances.filter((instance) => !comesFromHook(instance, trx)) : instances
  return turns.run(others, trx, work) as Promise<T>
}

/**
 * Whether a call comes from an after-hook of the same instance, which may write it within the same turn. A before-hook can't,
 * because the instance is about to be written.
 */
function comesFromHook(instance: object, trx: OpenTransaction | null): boolean {
  const phase = hooksAround(instance, trx)
  if (phase === 'before')
    throw new UsageError(
      `A hook that runs before the write of ${nameOf([instance], 'a')} writes it itself. Set its values: the write under way stores them.`,
    )
  return phase !== null
}

/** Whether another call is removing the row, so that this one has nothing to do. */
export const isBeingRemoved = (instance: object) => originOf(instance)?.deleted === true && turns.has(instance)

/** Runs work that reads or changes the row of a saved instance by a query, when no write of the instance is running. */
export function onRowInTurn<T>(runtime: ModelRuntime, instance: object, work: () => Promise<T>): Promise<T> {
  const trx = transactionFor(runtime, originOf(instance)?.executor ?? null)
  if (turns.busy && hooksAround(instance, trx) !== null) return work()
  return turns.run([instance], trx, work) as Promise<T>
}

/** Runs a call that writes this instance in a separate transaction, after earlier calls of this kind. */
export function callInTurn<T>(
  runtime: ModelRuntime,
  instance: object,
  using: Using,
  work: () => Promise<T>,
): Promise<T> {
  const trx = transactionFor(runtime, using)
  return calls.run([instance], trx, () => {
    if (!turns.busy || comesFromHook(instance, trx)) return work()
    // waiting inside the transaction could deadlock, because the running write may wait for the transaction
    return turns.over([instance], trx).then(work)
  }) as Promise<T>
}

/** The transaction of a write that has begun. Without a database the write fails and reports that itself. */
function transactionIfAny(runtime: ModelRuntime, using: Using): OpenTransaction | null {
  try {
    return transactionFor(runtime, using)
  } catch {
    return null
  }
}

/** The transaction that a write will join. */
function transactionFor({ meta }: ModelRuntime, using: Using): OpenTransaction | null {
  const executor = executorFor(meta, using)
  // before the first connection there is no transaction
  if (executor instanceof Promise) return null
  return executor.openTransaction
}
