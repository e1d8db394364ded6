import { describe, type FieldKind } from './kind.js'

export const binaryKind: FieldKind = {
  dataType: { name: 'binary' },
  // a Buffer is held as what a row loads
  cast: (value) =>
    value instanceof Uint8Array && value.constructor !== Uint8Array
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : value,
  check(value, refuse) {
    if (!(value instanceof Uint8Array)) return refuse('type', `expects a Uint8Array, not ${describe(value)}`)
    return value
  },
  load: (bytes: Uint8Array) => new Uint8Array(bytes),
  snapshot: 'canonical',
  same(value, stored) {
    return value instanceof Uint8Array && Buffer.compare(value, stored as Uint8Array) === 0
  },
}
