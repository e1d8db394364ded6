import { createHash } from 'node:crypto'

/** The longest name, in bytes, that every database accepts. */
const LONGEST = 63

/**
 * A name that every database accepts. A long one is cut and ends in a hash of the whole, so that different names stay
 * different.
 */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10)
  let head = name
  while (Buffer.byteLength(head) > LONGEST - hash.length - 1) head = head.slice(0, -1)
  return `${head.isWellFormed() ? head : head.slice(0, -1)}_${hash}`
}
