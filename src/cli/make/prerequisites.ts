import type { Prerequisite } from '../../dialect/catalog.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { SqlStep } from '../../migration/definition.js'
import type { NamedMigration } from '../../migration/graph.js'
import type { NewMigration } from '../../migration/make.js'
import { migrationId } from '../../migration/make.js'
import { printMigration } from '../../migration/printer.js'
import { replay } from '../../migration/replay.js'
import type { Project } from '../project/project.js'
import { writeFiles } from './write.js'

/** The operations that create the prerequisites which these migrations do not create yet. */
export function prerequisiteSteps(
  prerequisites: readonly Prerequisite[],
  migrations: readonly NamedMigration[],
  { name: dialect, catalog }: Dialect,
): readonly SqlStep[] {
  const here = (sql: string | null) => ({ [dialect]: sql, default: null })
  const { words } = catalog
  const steps = sqlStepsOf(migrations)
  const isMade = madeBy(steps, dialect, words)
  return prerequisites.flatMap((each): readonly SqlStep[] => {
    const made = isMade(each)
      ? (catalog.missingValues?.(each, valuesOf(each, steps, { dialect, words })) ?? [])
      : [each]
    return made.flatMap(({ up, down, probe }): readonly SqlStep[] =>
      up === null ? [] : [{ op: 'sql', up: here(up), down: here(down), probe: here(probe) }],
    )
  })
}

/** The values that migrations give to an enum. They are the literals in the statements that name it. */
function valuesOf(
  { name }: Prerequisite,
  steps: readonly SqlStep[],
  { dialect, words }: { readonly dialect: string; readonly words: Dialect['catalog']['words'] },
): ReadonlySet<string> {
  const texts = steps.map(({ up }) => up[dialect] ?? up.default ?? '')
  return new Set(texts.flatMap((text) => (words.namesIn(text).has(name.toLowerCase()) ? [...words.textsIn(text)] : [])))
}

const sqlStepsOf = (migrations: readonly NamedMigration[]): readonly SqlStep[] =>
  replay(migrations).migrations.flatMap(({ steps }) =>
    steps.flatMap(({ operation }) => (operation.op === 'sql' ? [operation] : [])),
  )

/**
 * Returns a test whether migrations create an object: by a probe that corm has written, or by SQL of the user that names it in
 * a CREATE statement.
 */
function madeBy(steps: readonly SqlStep[], dialect: string, words: Dialect['catalog']['words']) {
  const probes = new Set(steps.map(({ probe }) => probe?.[dialect]))
  const created = steps
    .map(({ up }) => words.namesIn(up[dialect] ?? up.default ?? ''))
    .filter((names) => names.has('create'))
  return ({ name, probe }: Prerequisite) => probes.has(probe) || created.some((names) => names.has(name.toLowerCase()))
}

/** The migration that creates the prerequisites of the next one, null if there are none. */
export async function prerequisitesMigration(
  project: Project,
  prerequisites: readonly Prerequisite[],
  dialect: Dialect,
): Promise<NewMigration | null> {
  const migrations = await project.migrations()
  const operations = prerequisiteSteps(prerequisites, migrations, dialect)
  if (operations.length === 0) return null
  const parents = replay(migrations).heads
  const id = migrationId(new Date(), parents, 'types and sequences')
  return { id, text: printMigration({ parents, operations, comments: new Map(), squashes: [], after: null }) }
}

/** Writes the file of such a migration. Returns its path. */
export async function writePrerequisites(project: Project, made: NewMigration | null): Promise<string | null> {
  if (made === null) return null
  const [file = null] = await writeFiles(project, [made])
  return file
}
