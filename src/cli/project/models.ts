import { relative } from 'node:path'
import { glob } from 'tinyglobby'
import { ConfigurationError, DefinitionError } from '../../errors.js'
import { DEFINITION, hasOwnTable, isModel, type ModelMetadata, metadataOf } from '../../metadata/metadata.js'
import { otherCopy } from '../../util/copies.js'
import type { FileLoader } from './load-file.js'

/** A model and its file, null if the configuration names the class. */
interface FoundModel {
  readonly meta: ModelMetadata
  readonly file: string | null
}

/** The models that a configuration names, without duplicates. Abstract models have no table and are left out. */
export async function findModels(given: readonly unknown[], loader: FileLoader): Promise<readonly ModelMetadata[]> {
  const found: FoundModel[] = []
  for (const item of given) {
    if (typeof item === 'string') found.push(...(await inFiles(item, loader)))
    else found.push({ meta: metadataOf(item), file: null })
  }
  if (given.length > 0 && found.length === 0)
    throw new ConfigurationError(
      `The files that "models" of the configuration names export no model. Export the classes: export class Book extends Model({ … }) {}.`,
    )
  const models = new Map<ModelMetadata, FoundModel>()
  for (const each of found) if (!models.has(each.meta) && !each.meta.isAbstract) models.set(each.meta, each)
  refuseTwins([...models.values()])
  return [...models.keys()]
}

async function inFiles(pattern: string, loader: FileLoader): Promise<readonly FoundModel[]> {
  const files = (
    await glob(pattern, { cwd: loader.folder, absolute: true, ignore: ['**/node_modules/**', '**/*.d.ts'] })
  ).sort()
  if (files.length === 0)
    throw new ConfigurationError(
      `No file matches ${JSON.stringify(pattern)}, which "models" of the configuration names.`,
    )
  const found: FoundModel[] = []
  for (const path of files) {
    const exported = await loader.load(path)
    for (const value of Object.values(exported))
      if (isExportedModel(value)) found.push({ meta: metadataOf(value), file: relative(loader.folder, path) })
  }
  return found
}

/**
 * Whether a value is a model class. The result of `Model()` is only a base class. Models of another copy of corm are refused
 * later.
 */
const isExportedModel = (value: unknown): boolean =>
  typeof value === 'function' && (isModel(value) ? !Object.hasOwn(value, DEFINITION) : otherCopy(value) !== null)

/** Refuses two models of one table, which arise if a file is loaded twice or a class is defined twice. */
function refuseTwins(models: readonly FoundModel[]): void {
  const byTable = new Map<string, FoundModel>()
  for (const each of models) {
    const { table, name } = each.meta
    const other = byTable.get(table)
    if (other !== undefined && hasOwnTable(each.meta) && hasOwnTable(other.meta))
      throw new DefinitionError(
        `Two models have the table "${table}": "${other.meta.name}" (${placeOf(other)}) and "${name}" (${placeOf(each)}). If they are one class, it was loaded twice: name its file in "models" and don't import it in the configuration. Otherwise make one of them readOnly: migrations and fixtures take the other.`,
      )
    byTable.set(table, each)
  }
}

const placeOf = ({ file }: FoundModel): string => file ?? 'in the configuration'
