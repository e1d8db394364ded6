import { ARITHMETIC, ASSIGNMENT, RAW } from '../../ast/bases.js'
import type { AssignmentNode } from '../../ast/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { columnOf } from './columns.js'

/** Increments the version of written rows. `table`: the name of the table in the statement, if it has more than one. */
export function nextVersion({ version }: ModelMetadata, table: string | null = null): AssignmentNode[] {
  if (version === null) return []
  const left = { ...columnOf(version), table }
  return [{ ...ASSIGNMENT, column: version.column, value: { ...ARITHMETIC, operator: '+', left, right: ONE } }]
}

/** Not a parameter: statements that are compiled once have those of their fields only. */
const ONE = { ...RAW, texts: ['1'], nodes: [], dynamic: false, ours: true } as const
