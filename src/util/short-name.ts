import { createHash } from 'node:crypto'

/** The longest name, in bytes, that every database accepts. */
const LONGEST = 63

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 10)

/** A name for what these names, in this order, stand for; other lists have other names. */
export const nameForList = (names: readonly string[], what: string): string =>
  shortName(`${names[0] ?? ''}_${what}_${hashOf(JSON.stringify(names))}`)

/**
 * A name that every database accepts. A long one is cut and ends in a hash of the whole, so that different names stay
 * different.
 */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name
  const hash = hashOf(name)
  let head = name
  while (Buffer.byteLength(head) > LONGEST - hash.length - 1) head = head.slice(0, -1)
  return `${head.isWellFormed() ? head : head.slice(0, -1)}_${hash}`
}
