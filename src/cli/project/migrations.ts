import { existsSync, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { MigrationError } from '../../errors.js'
import { MigrationFile } from '../../migration/definition.js'
import type { NamedMigration } from '../../migration/graph.js'
import { copyHint } from '../../util/copies.js'
import type { FileLoader } from './load-file.js'

const SOURCE = /(?<!\.d)\.[cm]?[jt]s$/

/** The migrations in a folder. Their ids are the file names without extension, so that compiled files have the same ids. */
export async function findMigrations(folder: string, loader: FileLoader): Promise<readonly NamedMigration[]> {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const found: NamedMigration[] = []
  for (const name of names) {
    const path = join(folder, name)
    found.push(migrationOf(path, await loader.loadDefault(path)))
  }
  return found
}

/** The migration in the default export of a file. */
export function migrationOf(path: string, file: unknown): NamedMigration {
  if (file instanceof MigrationFile) return { id: basename(path, extname(path)), file }
  throw new MigrationError(`The file ${path} exports no migration: export default migration({ … }).${copyHint(file)}`)
}
