import { canonicalText } from '../ast/canonical.js'
import { sha256 } from '../util/sha256.js'
import type { Operation } from './definition.js'

/**
 * A checksum that is equal for migrations that do the same, however their files are formatted. A function only counts by the
 * name of its operation.
 */
export const checksumOf = (operations: readonly Operation[]): string =>
  sha256(
    canonicalText(
      operations.map((operation) => (operation.op === 'data' ? { op: 'data', name: operation.name } : operation)),
    ),
  )
