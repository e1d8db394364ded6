import { UsageError } from '../errors.js'
import { ambient, ambientLocale, NO_AMBIENT, withAmbient } from './ambient.js'
import { requireFunction } from './arguments.js'
import { isThenable } from './maybe-promise.js'

// The current language. Names of languages are compared without case, and with `-` for `_`.

let defaultName = 'en'

/** The name of a language as it is compared. */
export const plainLocale = (locale: string): string => locale.replaceAll('_', '-').toLowerCase()

function readLocale(given: unknown, call: string): string {
  if (typeof given === 'string' && isLocale(given)) return plainLocale(given)
  throw new UsageError(`${call} takes the name of a language, such as 'en' or 'pt-BR'.`)
}

/** Whether a text can name a language. */
export const isLocale = (text: string): boolean => /^[a-z]{2,8}([-_][a-z0-9]{1,8}){0,3}$/i.test(text)

/** The language of the running code. */
export const currentLocale = (): string => ambientLocale() ?? defaultName

/** The language of code that has not chosen one. */
export const defaultLocale = (): string => defaultName

/** What `withLocale` returns: the rows of a query, since it has run. */
type InLocale<R> = R extends Promise<unknown> ? R : R extends PromiseLike<unknown> ? Promise<Awaited<R>> : R

/**
 * Runs `work` in a language: translated fields are read, written and compared in it, also in everything that `work` awaits.
 * Returns what `work` returns, or the rows of a query that it returns. Throws `UsageError` if `locale` is not the name of a
 * language.
 *
 *     app.use((request, response, next) => withLocale(request.acceptsLanguages('en', 'fr') || 'en', next))
 */
export function withLocale<R>(locale: string, work: () => R): InLocale<R> {
  const name = readLocale(locale, 'withLocale()')
  requireFunction(work, 'withLocale()')
  return withAmbient({ ...(ambient() ?? NO_AMBIENT), locale: name }, () => started(work())) as InLocale<R>
}

/** A query would run where it is awaited: outside. */
const started = (result: unknown): unknown =>
  result instanceof Promise || !isThenable(result) ? result : Promise.resolve(result)

/**
 * Sets the language of code outside `withLocale`, which is also the first that a missing translation falls back to.
 * Call it once, when the program starts. Default: `'en'`. Throws `UsageError` if `locale` is not the name of a language.
 */
export function setDefaultLocale(locale: string): void {
  defaultName = readLocale(locale, 'setDefaultLocale()')
}
