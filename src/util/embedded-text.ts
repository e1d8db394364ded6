import { UsageError } from '../errors.js'

/** Errors of queries that need a vector which is still being computed, with what to wait for. */
const pending = new WeakMap<object, Promise<unknown>>()

function notYet(ready: Promise<unknown>): UsageError {
  const error = new UsageError(
    'The SQL of this search needs the vector of its text, and embedQuery() returns a promise. Run the query first: the text is then embedded, once.',
  )
  pending.set(error, ready)
  return error
}

/** Whether any query has a text in place of a vector. Until then no query pays for it. */
let isUsed = false

/** A text in place of its vector, which is computed when a query with it runs for the first time. */
export class EmbeddedText {
  readonly #text: string
  readonly #embed: (text: string) => unknown
  #state: { readonly vector: unknown } | { readonly ready: Promise<unknown> } | null = null

  constructor(text: string, embed: (text: string) => unknown) {
    this.#text = text
    this.#embed = embed
    isUsed = true
  }

  /** The vector. It throws while that is being computed, and `withVectors` runs the query again. */
  get vector(): unknown {
    const state = this.#state
    if (state !== null) {
      if ('ready' in state) throw notYet(state.ready)
      return state.vector
    }
    const given = this.#embed(this.#text)
    if (!isPromise(given)) {
      this.#state = { vector: given }
      return given
    }
    const ready = given.then(
      (vector) => {
        this.#state = { vector }
      },
      (error: unknown) => {
        // the next run asks again
        this.#state = null
        throw error
      },
    )
    this.#state = { ready }
    throw notYet(ready)
  }
}

export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Runs a query, and again when a vector that it needs has been computed. */
export function withVectors<T>(run: () => T | Promise<T>): T | Promise<T> {
  if (!isUsed) return run()
  const again = (error: unknown): Promise<T> => {
    const ready = typeof error === 'object' && error !== null ? pending.get(error) : undefined
    if (ready === undefined) throw error
    return ready.then(() => withVectors(run))
  }
  try {
    const result = run()
    return result instanceof Promise ? result.catch(again) : result
  } catch (error) {
    return again(error)
  }
}
