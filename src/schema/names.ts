import { createHash } from 'node:crypto'

/** Bytes that every database takes for a name. */
const LONGEST = 63

/** `users_email_unique`: the same in every run; cut names end in a hash of the whole, so that they stay apart. */
export function constraintName(table: string, columns: readonly string[], suffix: string): string {
  const name = [table, ...columns, suffix].join('_')
  if (Buffer.byteLength(name) <= LONGEST) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10)
  let head = name
  while (Buffer.byteLength(head) > LONGEST - hash.length - 1) head = head.slice(0, -1)
  return `${head.isWellFormed() ? head : head.slice(0, -1)}_${hash}`
}
