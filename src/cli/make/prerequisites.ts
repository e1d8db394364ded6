import type { Prerequisite } from '../../dialect/catalog.js'
import type { SqlStep } from '../../migration/definition.js'
import { migrationId } from '../../migration/make.js'
import { printMigration } from '../../migration/printer.js'
import type { Project } from '../project/project.js'
import { writeFiles } from './write.js'

const stepOf =
  (dialect: string) =>
  ({ up, down, probe }: Prerequisite): readonly SqlStep[] => {
    if (up === null) return []
    const here = (sql: string | null) => ({ [dialect]: sql, default: null })
    return [{ op: 'sql', up: here(up), down: here(down), probe: here(probe) }]
  }

/**
 * Writes the first migration, with what the tables of the others need. Returns its path; null if nothing is needed, or if there are
 * migrations already, which may create it.
 */
export async function writePrerequisites(
  project: Project,
  dialect: string,
  prerequisites: readonly Prerequisite[],
): Promise<string | null> {
  const operations = prerequisites.flatMap(stepOf(dialect))
  if (operations.length === 0 || (await project.migrations()).length > 0) return null
  const id = migrationId(new Date(), [], 'types and sequences')
  const text = printMigration({ parents: [], operations, comments: new Map(), squashes: [], after: null })
  const [file = null] = await writeFiles(project, [{ id, text }])
  return file
}
