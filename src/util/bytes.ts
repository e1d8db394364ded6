/** The same bytes, not a copy. */
export const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const toHex = (bytes: Uint8Array): string => toBuffer(bytes).toString('hex')

/** The bytes of a vector, as every database keeps them: four for each number, the lowest first. Not a copy. */
export const vectorBytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** A vector of its own from such bytes. */
export const vectorOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer)

/** The memory of a detached buffer is gone: its views are empty, and nothing can be made of it. */
export function isDetached({ buffer }: Uint8Array): boolean {
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}
