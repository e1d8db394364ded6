/** Views the same memory, without a copy. */
export const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const toHex = (bytes: Uint8Array): string => toBuffer(bytes).toString('hex')

/**
 * The bytes of a vector in the form of every database: four little-endian bytes per number. Views the same memory,
 * without a copy.
 */
export const vectorBytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Copies such bytes into a new vector. */
export const vectorOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer)

/** Whether the memory of a buffer was transferred away. Its views are empty, and no new ones can be created. */
export function isDetached({ buffer }: Uint8Array): boolean {
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}
