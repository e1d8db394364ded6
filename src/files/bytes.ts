import { types } from 'node:util'
import { UsageError } from '../errors.js'

/** The parts of a stream in one piece; null: there are more bytes than the limit, and the rest is not read. */
export async function joinedBytes(parts: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | null> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const part of parts) {
    // a stream of texts would become zeros
    if (!types.isUint8Array(part))
      throw new UsageError(
        `A stream for a file must give bytes (Uint8Array or Buffer), not ${typeof part} values. Encode texts first.`,
      )
    size += part.length
    if (size > limit) return null
    read.push(part)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of read) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
