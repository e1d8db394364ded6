import { DefinitionError, UsageError, ValidationError } from '../../errors.js'
import type { Embedding } from '../../field/kind.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isList } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { sha256 } from '../../util/sha256.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { changedFields } from './change.js'
import type { Attributes } from './values.js'

// Vectors that follow the text of other fields. They are made before a write begins its transaction, as embedding takes long.

/** An embedding of a model, with the fields it belongs to. */
export interface EmbeddedField {
  readonly field: ModelField
  readonly settings: Embedding
  /** The fields whose text is embedded. */
  readonly from: readonly ModelField[]
  /** The SHA-256 of the text that the vector was made of. */
  readonly hash: ModelField
  /** The name of the model that made it. */
  readonly model: ModelField
}

const embedded = new WeakMap<ModelMetadata, readonly EmbeddedField[]>()

/** The embeddings of a model. */
export const embeddedFields = (meta: ModelMetadata): readonly EmbeddedField[] =>
  memo(embedded, meta, ({ fields }) => fields.flatMap((field) => embeddedField(meta, field)))

function embeddedField(meta: ModelMetadata, field: ModelField): EmbeddedField[] {
  const settings = field.descriptor.embedding
  if (settings === null) return []
  const from = settings.from.map((name) => meta.field(name))
  for (const source of from)
    if (!TEXTS.includes(source.dataType.name))
      throw new DefinitionError(
        `${field} embeds ${source}, which is not a text. List fields of strings and texts in "from".`,
      )
  const [hash, model] = [meta.field(`${field.name}Hash`), meta.field(`${field.name}Model`)]
  return [{ field, settings, from, hash, model }]
}

const TEXTS: readonly string[] = ['string', 'text']

/** What stands between the texts of several fields. */
export const SEPARATOR = '\n'

/** The text that an embedding is made of. */
export interface SourceText {
  readonly text: string
  readonly hash: string
  /** A row without text has no vector. */
  readonly isBlank: boolean
}

/** The text of a row, from its fields. */
export function readText({ from }: EmbeddedField, values: Attributes): SourceText {
  const texts = from.map(({ name }) => String(values[name] ?? ''))
  const text = texts.join(SEPARATOR)
  return { text, hash: sha256(text), isBlank: texts.every((each) => each === '') }
}

/** The most texts of one call of the user's function. */
export const MOST_TEXTS = 100

/** Vectors that corm has set, and not the application. */
const made = new WeakSet<object>()

/** An instance whose text is to be embedded. */
interface Pending extends SourceText {
  readonly instance: object
}

/**
 * Embeds the texts of these instances that changed, or are new, and sets their vectors. Returns the fields to write, where the
 * call names them.
 */
export async function embedChanged(
  runtime: ModelRuntime,
  instances: readonly object[],
  only: ReadonlySet<string> | null,
): Promise<ReadonlySet<string> | null> {
  let names = only
  for (const each of embeddedFields(runtime.meta)) {
    const pending: Pending[] = []
    let isSet = false
    for (const instance of instances) {
      const found = changedText(runtime, each, instance, only)
      if (found === null) continue
      isSet = true
      if (found.isBlank) settle(each, found, null)
      else if (isGiven(runtime, each, instance))
        settle(each, found, asRecord(instance)[each.field.name] as Float32Array)
      else pending.push(found)
    }
    const vectors = await embedTexts(each, pending)
    vectors?.forEach((vector, i) => settle(each, pending[i] as Pending, vector))
    if (isSet && names !== null) names = new Set([...names, each.field.name, each.hash.name, each.model.name])
  }
  return names
}

/** The text of an instance that its vector is not made of; null: there is none. */
function changedText(
  runtime: ModelRuntime,
  each: EmbeddedField,
  instance: object,
  only: ReadonlySet<string> | null,
): Pending | null {
  const isSaved = originOf(instance) !== null
  if (isSaved) {
    const changed = changedFields(runtime, instance, only ?? undefined)
    if (!changed.includes(each.field) && !each.from.some((field) => changed.includes(field))) return null
  }
  const source = readText(each, asRecord(instance))
  const isCurrent = known(instance, each.hash) === source.hash && known(instance, each.model) === each.settings.model
  return isCurrent && !isGiven(runtime, each, instance) ? null : { ...source, instance }
}

/** Whether the application has set the vector itself. */
function isGiven(runtime: ModelRuntime, { field }: EmbeddedField, instance: object): boolean {
  const vector = known(instance, field)
  if (typeof vector !== 'object' || vector === null || made.has(vector)) return false
  return originOf(instance) === null || changedFields(runtime, instance, new Set([field.name])).length > 0
}

/** The value of a field; undefined where it was not loaded. */
function known(instance: object, field: ModelField): unknown {
  const origin = originOf(instance)
  const isThere = origin === null || (origin.positions[field.index] ?? -1) >= 0 || Object.hasOwn(instance, field.name)
  return isThere ? asRecord(instance)[field.name] : undefined
}

function settle({ field, hash, model, settings }: EmbeddedField, pending: Pending, vector: Float32Array | null): void {
  const values = asRecord(pending.instance)
  if (vector !== null && values[field.name] !== vector) made.add(vector)
  values[field.name] = vector
  values[hash.name] = pending.hash
  values[model.name] = settings.model
}

/** The vectors of these texts; null: the function failed, and the rows stay stale. */
async function embedTexts(each: EmbeddedField, pending: readonly Pending[]): Promise<Float32Array[] | null> {
  const vectors: Float32Array[] = []
  for (let i = 0; i < pending.length; i += MOST_TEXTS) {
    const texts = pending.slice(i, i + MOST_TEXTS).map(({ text }) => text)
    const some = await embedOnce(each, texts)
    if (some === null) return null
    vectors.push(...some)
  }
  return vectors
}

/** Calls the user's function once. Null: it failed, and the field says that this leaves rows stale. */
export async function embedOnce({ field, settings }: EmbeddedField, texts: string[]): Promise<Float32Array[] | null> {
  let answer: unknown
  try {
    answer = await settings.embed(texts)
  } catch (error) {
    if (settings.onFailure === 'error') throw error
    process.emitWarning(
      `The function "embed" of ${field} failed. The rows are stored without new vectors: staleEmbeddings() finds them, and embedAll() embeds them.`,
      { type: 'CormWarning', code: 'CORM_EMBEDDING_FAILED' },
    )
    return null
  }
  if (!isList(answer) || answer.length !== texts.length)
    throw new UsageError(
      `The function "embed" of ${field} was given ${texts.length} texts, and returned ${isList(answer) ? `${answer.length} vectors` : 'no list'}. Return a list with one vector for each text.`,
    )
  return answer.map((vector) => checked(field, vector))
}

function checked(field: ModelField, vector: unknown): Float32Array {
  try {
    return new Float32Array(field.check(vector) as Float32Array)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw new UsageError(
      `The function "embed" of ${field} returned a vector that the field can't store: it ${error.issues.map(({ message }) => message).join('; ')}.`,
      { cause: error },
    )
  }
}
