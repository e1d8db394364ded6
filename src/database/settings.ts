import { switchDetection } from '../execution/n-plus-one.js'
import { flag, type OptionType, oneOf, optionReader, whole } from '../util/options.js'
import { own } from '../util/own.js'

export interface Settings {
  /** Rows that `get()` returns at most; more is an error. Undefined: no bound. */
  maxRows: number | undefined
  /** How an unloaded relation loads: for all rows of its result, for one, or not at all. */
  lazyLoading: 'batch' | 'single' | 'forbid'
  /** Signs the cursors of `cursorPaginate`, so that nobody else can make one. At least 16 characters. */
  cursorSecret: string | undefined
  /** Looks for similar reads in a loop: reports them by a warning, or refuses them by a NPlusOneError. */
  detectNPlusOne: false | 'warn' | 'throw'
  /** Warns outside of production of calls that may not do what was meant. Default true. */
  warnings: boolean
}

/** Settings of the whole process, changed by `Database.configure`. */
export const settings: Settings = {
  maxRows: undefined,
  lazyLoading: 'batch',
  cursorSecret: undefined,
  detectNPlusOne: false,
  warnings: true,
}

const secret: OptionType<string> = {
  wants: 'a text of at least 16 characters',
  accepts: (value): value is string => typeof value === 'string' && value.length >= 16,
}

const settingsOf = optionReader<Settings>('Database.configure()', {
  maxRows: whole(1),
  lazyLoading: oneOf('batch', 'single', 'forbid'),
  cursorSecret: secret,
  detectNPlusOne: oneOf('warn', 'throw', false),
  warnings: flag,
})

/** Changes what is given; `undefined` takes a bound or secret away. */
export function configure(given: Partial<Settings>): void {
  const { maxRows, lazyLoading, cursorSecret, detectNPlusOne, warnings } = settingsOf(given)
  if (isGiven(given, 'cursorSecret')) settings.cursorSecret = cursorSecret
  if (isGiven(given, 'maxRows')) settings.maxRows = maxRows
  if (warnings !== undefined) settings.warnings = warnings
  if (lazyLoading !== undefined) settings.lazyLoading = lazyLoading
  if (detectNPlusOne !== undefined) {
    settings.detectNPlusOne = detectNPlusOne
    switchDetection(detectNPlusOne)
  }
}

/** Whether warnings for people who develop are wanted. */
export const warnsHere = (): boolean => settings.warnings && own(process.env).NODE_ENV !== 'production'

const isGiven = (given: object | undefined, name: string) => given !== undefined && Object.hasOwn(given, name)
