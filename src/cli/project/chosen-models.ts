import { UsageError } from '../../errors.js'
import type { ModelConstructor, ModelMetadata } from '../../metadata/metadata.js'
import { suggestion } from '../../util/names.js'

/** The models with these names. Without names, all models except those of views and tables of other programs. */
export function chosenModels(models: readonly ModelMetadata[], names: readonly string[]): readonly ModelConstructor[] {
  const chosen =
    names.length === 0 ? models.filter(({ readOnly }) => !readOnly) : names.map((name) => modelNamed(models, name))
  if (chosen.length > 0) return chosen.map(({ model }) => model)
  throw new UsageError('The configuration names no models. Set "models" to the files that export them.')
}

function modelNamed(models: readonly ModelMetadata[], name: string): ModelMetadata {
  const found = models.find((meta) => meta.name === name || meta.table === name)
  if (found !== undefined) return found
  const names = models.map((meta) => meta.name)
  throw new UsageError(`There is no model ${JSON.stringify(name)} in the project.${suggestion(name, names)}`)
}
