import { UsageError } from '../../errors.js'
import type { ModelConstructor, ModelMetadata } from '../../metadata/metadata.js'
import { suggestion } from '../../util/names.js'

/** Whether fixtures take its rows without being asked to. */
export const hasFixtures = ({ readOnly, keyless }: ModelMetadata): boolean => !readOnly && !keyless

/** The models with these names. Without names, all except those of views, of tables of other programs, and of tables without a key. */
export function chosenModels(models: readonly ModelMetadata[], names: readonly string[]): readonly ModelConstructor[] {
  const chosen = names.length === 0 ? models.filter(hasFixtures) : names.map((name) => modelNamed(models, name))
  if (chosen.length > 0) return chosen.map(({ model }) => model)
  throw new UsageError('The configuration names no models. Set "models" to the files that export them.')
}

function modelNamed(models: readonly ModelMetadata[], name: string): ModelMetadata {
  const found = models.find((meta) => meta.name === name || meta.table === name)
  if (found !== undefined) return found
  const names = models.map((meta) => meta.name)
  throw new UsageError(`There is no model ${JSON.stringify(name)} in the project.${suggestion(name, names)}`)
}
