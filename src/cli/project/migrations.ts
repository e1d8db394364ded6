import { existsSync, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { MigrationError } from '../../errors.js'
import { MigrationFile } from '../../migration/definition.js'
import type { NamedMigration } from '../../migration/graph.js'
import { copyHint } from '../../util/copies.js'
import type { FileLoader } from './load-file.js'

const SOURCE = /(?<!\.d)\.[cm]?[jt]s$/

/** The migrations in a folder. Their ids are the names of the files without extension: compiled files are the same migrations. */
export async function findMigrations(folder: string, loader: FileLoader): Promise<readonly NamedMigration[]> {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const found: NamedMigration[] = []
  for (const name of names) {
    const file = await loader.loadDefault(join(folder, name))
    if (!(file instanceof MigrationFile))
      throw new MigrationError(
        `The file ${join(folder, name)} exports no migration: export default migration({ … }).${copyHint(file)}`,
      )
    found.push({ id: basename(name, extname(name)), file })
  }
  return found
}
