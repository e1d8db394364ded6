import { PoolTimeoutError, UsageError } from '../../errors.js'
import type { OpenTransaction, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Batch, InstanceWrite } from './batch.js'
import { hooksAround } from './hooks.js'

/** Milliseconds that a write waits for another one of the same instance. */
const WAIT = 30_000

/** A write under way, in the transaction that it is a part of. */
interface Turn {
  readonly instances: readonly object[]
  readonly done: Promise<unknown>
  readonly trx: OpenTransaction | null
}

/**
 * Writes of one instance run one after the other: the second waits, and writes what is left then. While nothing is under way
 * this costs one look at a number; on a synchronous database nothing ever is.
 */
class Turns {
  #active = 0
  readonly #last = new WeakMap<object, Turn>()
  /** Of many instances; which they are is looked up when somebody asks. */
  readonly #many = new Map<Turn, Set<object> | null>()

  get busy(): boolean {
    return this.#active > 0
  }

  /** Whether a write of this instance is under way. */
  has(instance: object): boolean {
    return this.#active > 0 && this.#before([instance]).length > 0
  }

  /** Runs work when no other write of these instances is under way, and lets others wait for it. */
  run<T>(instances: readonly object[], trx: OpenTransaction | null, work: () => MaybePromise<T>): MaybePromise<T> {
    const before = this.#active === 0 ? [] : this.#before(instances)
    const result = before.length === 0 ? work() : waitFor(before, instances, trx).then(work)
    if (result instanceof Promise) this.hold(instances, trx, result)
    return result
  }

  /** Resolves when no write of these instances is under way. */
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

/** A write outside a transaction may wait for a lock or a connection that the transaction has. */
function mayWaitForUs(theirs: OpenTransaction | null, ours: OpenTransaction | null): boolean {
  if (ours === null) return false
  for (let trx = theirs; trx !== null; trx = trx.parent) if (trx === ours) return false
  if (theirs === null || theirs.undo.root !== ours.undo.root) return true
  // that of an outer transaction waits for this nested one to end
  for (let trx = ours.parent; trx !== null; trx = trx.parent) if (trx === theirs) return true
  return false
}

const nameOf = ([first]: readonly object[], article = 'This'): string =>
  `${article} "${(first && originOf(first)?.meta.name) ?? first?.constructor.name ?? 'instance'}"`

const turns = new Turns()
/** Of calls that write several instances in a transaction of their own, and write each of them by way of `turns`. */
const calls = new Turns()

/** Runs the write of one instance when no other one is writing it. */
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
  // two calls at once behave alike on every database, even if this one finished the first before the second began
  else if (action === 'delete') turns.hold([instance], transactionFor(runtime, using), DONE)
  return done
}

/** Whether any write is under way, so that others have to look for those of their instances. */
export const isAnyTurnTaken = (): boolean => turns.busy

/** Lets others wait for the write of an instance that has begun while no turn was taken. */
export const holdTurn = (instance: object, trx: OpenTransaction | null, done: Promise<unknown>): void =>
  turns.hold([instance], trx, done)

const DONE = Promise.resolve()

/** Runs a write of many instances when none of them is being written. */
export function manyInTurn<T>({ runtime, instances }: Batch, using: Using, work: () => Promise<T>): Promise<T> {
  const trx = transactionFor(runtime, using)
  const others = turns.busy ? instances.filter((instance) => !comesFromHook(instance, trx)) : instances
  return turns.run(others, trx, work) as Promise<T>
}

/** After-hooks write the instance at once, within its turn; before-hooks can't, as it is about to be written. */
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

/** Runs what reads or changes the row of a saved instance by a query, when it is not being written. */
export function onRowInTurn<T>(runtime: ModelRuntime, instance: object, work: () => Promise<T>): Promise<T> {
  const trx = transactionFor(runtime, originOf(instance)?.executor ?? null)
  if (turns.busy && hooksAround(instance, trx) !== null) return work()
  return turns.run([instance], trx, work) as Promise<T>
}

/** Runs a call that writes this instance in a transaction of its own, after calls of this kind that were there before. */
export function callInTurn<T>(
  runtime: ModelRuntime,
  instance: object,
  using: Using,
  work: () => Promise<T>,
): Promise<T> {
  const trx = transactionFor(runtime, using)
  return calls.run([instance], trx, () => {
    if (!turns.busy || comesFromHook(instance, trx)) return work()
    // waiting inside the transaction could be a deadlock: the running write may wait for the transaction
    return turns.over([instance], trx).then(work)
  }) as Promise<T>
}

/** The same of a write that has begun: without a database it fails, and says so itself. */
function transactionIfAny(runtime: ModelRuntime, using: Using): OpenTransaction | null {
  try {
    return transactionFor(runtime, using)
  } catch {
    return null
  }
}

/** The transaction that a write will be a part of. */
function transactionFor({ meta }: ModelRuntime, using: Using): OpenTransaction | null {
  const executor = executorFor(meta, using)
  // before the first connection there is no transaction
  if (executor instanceof Promise) return null
  return executor.openTransaction
}
