import { describe, type FieldKind } from './kind.js'

export const binaryKind: FieldKind = {
  dataType: { name: 'binary' },
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
