import { issueWords, type TranslateIssue } from '../errors.js'
import { switchDetection } from '../execution/n-plus-one.js'
import { configured } from '../files/storage.js'
import type { Encryption } from '../types/encryption.js'
import type { FileStorage } from '../types/files.js'
import { checkKeys, encryption } from '../util/keyring.js'
import { callback, choiceOf, flag, type OptionType, optionReader, whole } from '../util/options.js'
import { own } from '../util/own.js'

export interface Settings {
  /** The maximum number of rows that `get()` returns. More rows throw a UsageError. Default undefined: no limit. */
  maxRows: number | undefined
  /** Lazy loading of a relation: for all rows of the same result, for one row, or forbidden. Default `'batch'`. */
  lazyLoading: 'batch' | 'single' | 'forbid'
  /** The secret that signs the cursors of `cursorPaginate`, so that clients cannot forge them. At least 16 characters. */
  cursorSecret: string | undefined
  /** Detects similar queries in a loop (N+1): `'warn'` prints a warning, `'throw'` throws NPlusOneError. Default false. */
  detectNPlusOne: false | 'warn' | 'throw'
  /** Prints warnings about calls that may be mistakes, unless NODE_ENV is `production`. Default true. */
  warnings: boolean
  /**
   * Translates the messages of a `ValidationError`, for example with the locale of the request. It gets the issue with its `model`,
   * `path`, `code`, `message` and `params`, such as `{ min: 2 }`, and returns the message, or undefined to keep the message. If it
   * throws, the message is kept. Default undefined.
   */
  translateIssue: TranslateIssue | undefined
  /** The keys of encrypted fields, or a function that returns them. Default undefined. */
  encryption: Encryption | undefined
  /** Where the content of file fields is: `new DiskStorage('uploads')`. Default undefined. */
  files: FileStorage | undefined
}

/** Settings of the whole process, changed by `Database.configure`. */
export const settings: Settings = {
  maxRows: undefined,
  lazyLoading: 'batch',
  cursorSecret: undefined,
  detectNPlusOne: false,
  warnings: true,
  translateIssue: undefined,
  files: undefined,
  encryption: undefined,
}

const secret: OptionType<string> = {
  wants: 'a text of at least 16 characters',
  accepts: (value): value is string => typeof value === 'string' && value.length >= 16,
}

const METHODS = ['put', 'open', 'stat', 'delete', 'url'] as const
const storage: OptionType<FileStorage> = {
  wants: 'a storage: an object with the methods put, open, stat, delete and url',
  accepts: (value): value is FileStorage =>
    value instanceof Object && METHODS.every((name) => typeof (value as FileStorage)[name] === 'function'),
}

const keys: OptionType<Encryption> = {
  wants: 'an object { current, keys }, or a function that returns one',
  accepts: (value): value is Encryption => value instanceof Object,
}

const settingsOf = optionReader<Settings>('Database.configure()', {
  maxRows: whole(1),
  lazyLoading: choiceOf('batch', 'single', 'forbid'),
  cursorSecret: secret,
  detectNPlusOne: choiceOf('warn', 'throw', false),
  warnings: flag,
  translateIssue: callback<TranslateIssue>(),
  files: storage,
  encryption: keys,
})

/** Changes what is given; `undefined` takes a bound or secret away. */
export function configure(given: Partial<Settings>): void {
  const {
    maxRows,
    lazyLoading,
    cursorSecret,
    detectNPlusOne,
    warnings,
    translateIssue,
    files,
    encryption: ring,
  } = settingsOf(given)
  if (isGiven(given, 'cursorSecret')) settings.cursorSecret = cursorSecret
  if (isGiven(given, 'maxRows')) settings.maxRows = maxRows
  if (isGiven(given, 'files')) settings.files = configured.files = files
  if (isGiven(given, 'encryption')) settings.encryption = encryption.given = checked(ring)
  if (isGiven(given, 'translateIssue')) settings.translateIssue = issueWords.translate = translateIssue
  if (warnings !== undefined) settings.warnings = warnings
  if (lazyLoading !== undefined) settings.lazyLoading = lazyLoading
  if (detectNPlusOne !== undefined) {
    settings.detectNPlusOne = detectNPlusOne
    switchDetection(detectNPlusOne)
  }
}

/** Keys that are none are refused at once. */
function checked(given: Encryption | undefined): Encryption | undefined {
  if (given !== undefined && typeof given !== 'function') checkKeys(given)
  return given
}

/** Whether warnings for people who develop are wanted. */
export const warnsHere = (): boolean => settings.warnings && own(process.env).NODE_ENV !== 'production'

const isGiven = (given: object | undefined, name: string) => given !== undefined && Object.hasOwn(given, name)
