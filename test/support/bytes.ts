import { expect } from 'vitest'

// Compared item by item, as arrays are, 100 000 bytes take most of a second.
expect.addEqualityTesters([
  (a, b) =>
    a instanceof Uint8Array && b instanceof Uint8Array && a.constructor === b.constructor
      ? Buffer.compare(a, b) === 0
      : undefined,
])
