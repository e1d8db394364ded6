import { isDetached } from '../util/bytes.js'
import { bytesIn } from '../util/expect.js'
import { describe, type FieldKind } from './kind.js'

/** Whether the value really is a Uint8Array, and not an object that only has its prototype. */
const isReal = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value) && value instanceof Uint8Array

export const binaryKind: FieldKind = {
  dataType: { name: 'binary' },
  // a Buffer becomes a Uint8Array, the type of loaded values
  cast: (value) =>
    isReal(value) && value.constructor !== Uint8Array && !isDetached(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : value,
  check(value, refuse) {
    if (!isReal(value)) return refuse('type', `expects a Uint8Array, not ${describe(value)}`)
    if (value.length === 0 && isDetached(value)) return refuse('type', 'holds bytes that were transferred elsewhere')
    return value
  },
  load: (bytes) => new Uint8Array(bytesIn(bytes)),
  snapshot: 'canonical',
  same(value, stored) {
    return value instanceof Uint8Array && Buffer.compare(value, bytesIn(stored)) === 0
  },
}
