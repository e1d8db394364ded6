import { MigrationError, quoted, UsageError } from '../errors.js'
import { isRecord } from '../util/record.js'
import { MigrationFile } from './definition.js'
import type { NamedMigration } from './graph.js'

/** The id of a file name: `./migrations/20261101T090000_initial.ts` and `20261101T090000_initial` are the same migration. */
const idOf = (name: string): string => (name.split('/').at(-1) ?? name).replace(/\.[cm]?[jt]s$/, '')

/** The default export of a module, also if a loader has wrapped it. */
function exported(given: unknown): unknown {
  let value = given
  for (let depth = 0; depth < 2 && !(value instanceof MigrationFile) && isRecord(value) && 'default' in value; depth++)
    value = value.default
  return value
}

/** Migrations from modules by name. */
export function namedMigrations(modules: object): NamedMigration[] {
  if (Array.isArray(modules))
    throw new UsageError('Migrations are an object by their ids: { "20261101T090000_initial": initial }.')
  return Object.entries(modules).map(([name, module]) => {
    const file = exported(module)
    if (file instanceof MigrationFile) return { id: idOf(name), file }
    throw new MigrationError(
      `${quoted(name)} is no migration. Its file exports one by default: export default migration({ … }).`,
    )
  })
}
