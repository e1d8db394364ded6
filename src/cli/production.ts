import { UsageError } from '../errors.js'
import { own } from '../util/own.js'
import type { OptionValues } from './option-values.js'

/** The name of the database in a URL, or the file name for a file. */
export function databaseName(url: string): string {
  const path = url.split('?')[0] ?? ''
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
}

/** Requires the name of the database in production, before anything runs that may lose data. */
export function requireMeant(options: OptionValues, url: string, what: string): void {
  const name = databaseName(url)
  if (own(process.env).NODE_ENV !== 'production' || options.text('yes-i-mean') === name) return
  throw new UsageError(
    `NODE_ENV is production, and ${what}. Repeat the name of the database to run it: --yes-i-mean ${JSON.stringify(name)}`,
  )
}
