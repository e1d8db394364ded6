import type { Definition, ModelMetadata } from '../../metadata/metadata.js'

// The models whose rows name files: a file may be deleted only if none of them names it.

interface FileModel {
  readonly definition: WeakRef<Definition>
  /** Its metadata, once it was used. */
  meta: WeakRef<ModelMetadata> | null
}

const known = new Set<FileModel>()
const byDefinition = new WeakMap<Definition, FileModel>()

const fileNames = ({ fields }: Definition): string[] =>
  Object.keys(fields).filter((name) => fields[name]?.type === 'file' || fields[name]?.type === 'image')

/** Notes a definition when it is made: the class that extends it may not have been used. */
export function noteFileModel(definition: Definition): void {
  if (definition.options.abstract === true || fileNames(definition).length === 0) return
  const model: FileModel = { definition: new WeakRef(definition), meta: null }
  byDefinition.set(definition, model)
  known.add(model)
}

/** Forgets the models that were defined so far. For tests, which share a process with the models of other tests. */
export function forgetFileModels(): void {
  known.clear()
}

export function nameFileModel(meta: ModelMetadata): void {
  const model = byDefinition.get(meta.definition)
  if (model !== undefined) model.meta = new WeakRef(meta)
}

/** What names a model with file fields that is none of these; null if there is no such model. */
export function otherFileModel(given: readonly ModelMetadata[]): string | null {
  const listed = new Set(given.map(({ definition }) => definition))
  for (const model of known) {
    const definition = model.definition.deref()
    if (definition === undefined) known.delete(model)
    else if (!listed.has(definition) && !isReloaded(definition, model.meta?.deref(), given))
      return nameOf(definition, model.meta?.deref())
  }
  return null
}

/** A development server loads a class again: the one before has the same table and fields. */
function isReloaded(definition: Definition, meta: ModelMetadata | undefined, given: readonly ModelMetadata[]): boolean {
  const { database, table = meta?.table } = definition.options
  return given.some(
    (other) =>
      other.table === table &&
      other.databaseName === database &&
      fileNames(definition).every((name) => other.fieldOrNull(name)?.kind.file !== undefined),
  )
}

function nameOf({ options, fields }: Definition, meta: ModelMetadata | undefined): string {
  if (meta !== undefined) return `"${meta.name}"`
  return options.table === undefined ? `the model with ${Object.keys(fields).join(', ')}` : `"${options.table}"`
}
