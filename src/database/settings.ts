import { UsageError } from '../errors.js'
import { switchDetection } from './n-plus-one.js'

export interface Settings {
  /** Rows that `get()` answers at most; more is an error. Undefined: no bound. */
  maxRows: number | undefined
  /** How an unloaded relation loads: for all rows of its result, for one, or not at all. */
  lazyLoading: 'batch' | 'single' | 'forbid'
  /** Signs the cursors of `cursorPaginate`, so that nobody else can make one. At least 16 characters. */
  cursorSecret: string | undefined
  /** Looks for like reads in a loop: tells of them by a warning, or refuses them by a NPlusOneError. */
  detectNPlusOne: false | 'warn' | 'throw'
}

/** Settings of the whole process, changed by `Database.configure`. */
export const settings: Settings = {
  maxRows: undefined,
  lazyLoading: 'batch',
  cursorSecret: undefined,
  detectNPlusOne: false,
}

export function configure(options: Partial<Settings>): void {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(settings, name))
      throw new UsageError(
        `Database.configure() does not know "${name}". It takes ${Object.keys(settings).join(', ')}.`,
      )
  const { maxRows, lazyLoading, cursorSecret, detectNPlusOne } = options
  if (maxRows !== undefined && (!Number.isSafeInteger(maxRows) || maxRows < 1))
    throw new UsageError('maxRows must be a whole number above 0.')
  if (lazyLoading !== undefined && !['batch', 'single', 'forbid'].includes(lazyLoading))
    throw new UsageError("lazyLoading is 'batch', 'single' or 'forbid'.")
  if (cursorSecret !== undefined && (typeof cursorSecret !== 'string' || cursorSecret.length < 16))
    throw new UsageError('cursorSecret must be a text of at least 16 characters.')
  if (detectNPlusOne !== undefined && ![false, 'warn', 'throw'].includes(detectNPlusOne))
    throw new UsageError("detectNPlusOne is 'warn', 'throw' or false.")
  if ('cursorSecret' in options) settings.cursorSecret = cursorSecret
  if ('maxRows' in options) settings.maxRows = maxRows
  if (lazyLoading !== undefined) settings.lazyLoading = lazyLoading
  if (detectNPlusOne !== undefined) {
    settings.detectNPlusOne = detectNPlusOne
    switchDetection(detectNPlusOne)
  }
}
