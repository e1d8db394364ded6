import { type ModelField, takesWork } from './model-field.js'

/** What a write of an instance takes besides the values that it holds. */
export interface WriteNeeds {
  /** Vectors of its rows follow other fields. */
  readonly embeddings: boolean
  /** Values take work before they can be stored, such as the hash of a password. */
  readonly prepared: boolean
  /** Slugs are made of other fields. */
  readonly slugs: boolean
  /** One of these: the write of an instance takes the steps of a batch. */
  readonly steps: boolean
  /** Something that a write of the changed fields alone would leave out. */
  readonly more: boolean
}

/** What these are known from. */
interface WriteNeedSources {
  readonly fields: readonly ModelField[]
  readonly version: ModelField | null
  readonly locked: ReadonlySet<string>
  readonly generated: readonly ModelField[]
  readonly translations: readonly unknown[]
  readonly blindIndexes: readonly ModelField[]
}

export function writeNeedsOf({
  fields,
  version,
  locked,
  generated,
  translations,
  blindIndexes,
}: WriteNeedSources): WriteNeeds {
  const embeddings = fields.some(({ descriptor }) => descriptor.embedding !== null)
  const prepared = fields.some(takesWork)
  const slugs = fields.some(({ descriptor }) => descriptor.slug !== null)
  const steps = embeddings || prepared || slugs
  const others = generated.length + translations.length + blindIndexes.length
  return { embeddings, prepared, slugs, steps, more: steps || version !== null || locked.size > 0 || others > 0 }
}
