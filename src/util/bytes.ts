/** The same bytes, not a copy. */
export const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const toHex = (bytes: Uint8Array): string => toBuffer(bytes).toString('hex')

/** The memory of a detached buffer is gone: its views are empty, and nothing can be made of it. */
export function isDetached({ buffer }: Uint8Array): boolean {
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}
