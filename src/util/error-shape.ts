import { isRecord } from './record.js'

// Errors of drivers and of Node: what is thrown may be anything.

const textOf = (error: unknown, name: 'code' | 'message'): string => {
  const value = isRecord(error) && Object.hasOwn(error, name) ? error[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** The code of an error as text, like `ECONNREFUSED`; empty where it has none. */
export const codeOf = (error: unknown): string => textOf(error, 'code')

/** The number of an error of MySQL; undefined where it has none. */
export const errnoOf = (error: unknown): unknown =>
  isRecord(error) && Object.hasOwn(error, 'errno') ? error.errno : undefined

/** The message of an error; empty where it has none. */
export const messageOf = (error: unknown): string => textOf(error, 'message')
