import { isRecord } from './record.js'

// Reads errors of drivers and of Node. Anything can be thrown, so nothing is assumed about the value.

const textOf = (error: unknown, name: 'code' | 'message'): string => {
  const value = isRecord(error) && Object.hasOwn(error, name) ? error[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** The code of an error, such as `ECONNREFUSED`; empty if it has none. */
export const codeOf = (error: unknown): string => textOf(error, 'code')

/** The number of a MySQL error; undefined if it has none. */
export const errnoOf = (error: unknown): unknown =>
  isRecord(error) && Object.hasOwn(error, 'errno') ? error.errno : undefined

/** The message of an error; empty if it has none. */
export const messageOf = (error: unknown): string => textOf(error, 'message')
