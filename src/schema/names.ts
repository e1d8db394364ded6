import { shortName } from '../util/short-name.js'

/** `users_email_unique`: the same in every run. */
export const constraintName = (table: string, columns: readonly string[], suffix: string): string =>
  shortName([table, ...columns, suffix].join('_'))
