import { expect } from 'vitest'

// vitest compares bytes item by item, which takes most of a second for 100 000 bytes
expect.addEqualityTesters([
  (a, b) =>
    a instanceof Uint8Array && b instanceof Uint8Array && a.constructor === b.constructor
      ? Buffer.compare(a, b) === 0
      : undefined,
])
