import { DefinitionError, UsageError, ValidationError } from '../../errors.js'
import type { Embedding } from '../../field/kind.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isList } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { sha256 } from '../../util/sha256.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { changedFields } from './change.js'

// Vectors of the text of other fields. They are created before the transaction of a write begins, because embedding is slow.

/** An embedding of a model, with the fields it belongs to. */
export interface EmbeddedField {
  readonly field: ModelField
  readonly settings: Embedding
  /** The fields whose text is embedded. */
  readonly from: readonly ModelField[]
  /** The SHA-256 of the embedded text. */
  readonly hash: ModelField
  /** The name of the model that created the vector. */
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
    else if (source.generated !== null)
      throw new DefinitionError(
        `${field} embeds ${source}, which the database generates. List the fields in "from" that it is made of.`,
      )
  const [hash, model] = [meta.field(`${field.name}Hash`), meta.field(`${field.name}Model`)]
  return [{ field, settings, from, hash, model }]
}

const TEXTS: readonly string[] = ['string', 'text']

/** Joins the texts of several fields. */
export const SEPARATOR = '\n'

/** The source text of an embedding. */
export interface SourceText {
  readonly text: string
  readonly hash: string
  /** A row without text has no vector. */
  readonly isBlank: boolean
}

/** The source text of a loaded row. Null: a value is not valid. */
export const sourceTextOf = (each: EmbeddedField, row: object): SourceText | null =>
  sourceText(each, (field) => canonicalText(field, asRecord(row)[field.name]))

/** The source text of the row after a save that only writes the fields in `only`. Null: it is not known. */
function savedText(each: EmbeddedField, instance: object, only: ReadonlySet<string> | null): SourceText | null {
  const origin = originOf(instance)
  return sourceText(each, (field) => {
    if (origin === null || only === null || only.has(field.name))
      return canonicalText(field, asRecord(instance)[field.name])
    const place = origin.positions[field.index] ?? -1
    if (place >= 0) return rowOf(instance)?.[place] ?? null
    return Object.hasOwn(instance, field.name) ? undefined : asRecord(instance)[field.name]
  })
}

function sourceText({ from }: EmbeddedField, textOf: (field: ModelField) => unknown): SourceText | null {
  const texts: string[] = []
  for (const field of from) {
    const value = textOf(field)
    if (value === undefined) return null
    texts.push(String(value ?? ''))
  }
  const text = texts.join(SEPARATOR)
  return { text, hash: sha256(text), isBlank: texts.every((each) => each === '') }
}

/** The text as it is stored. Undefined: the database fills it in, or it is not valid. */
function canonicalText(field: ModelField, value: unknown): unknown {
  if (value === undefined && field.filledByDatabase) return undefined
  if (value === undefined || value === null) return null
  try {
    return field.check(value)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

/** The most texts of one call of the user's function. */
export const MOST_TEXTS = 100

/** Vectors that corm has created. All others come from the application. */
const made = new WeakSet<object>()

/** Marks the vectors of a copy as created by corm if those of the original are. */
export function copyEmbeddings(runtime: ModelRuntime, original: object, copy: object): void {
  for (const each of embeddedFields(runtime.meta)) {
    const vector = known(copy, each.field)
    if (typeof vector === 'object' && vector !== null && !isGiven(runtime, each, original)) made.add(vector)
  }
}

/** An instance whose text is to be embedded. */
interface PendingEmbedding extends SourceText {
  readonly instance: object
}

/** How often corm embeds texts again that have changed during embedding. */
const MOST_ROUNDS = 10

/**
 * Embeds the texts of these instances that changed, or are new, and sets their vectors. Returns the fields to write, where the
 * call names them.
 */
export async function embedChanged(
  runtime: ModelRuntime,
  instances: readonly object[],
  only: ReadonlySet<string> | null,
): Promise<ReadonlySet<string> | null> {
  const names = new Set(only)
  for (let round = 0, isDone = false; !isDone && round < MOST_ROUNDS; round++) {
    isDone = true
    for (const each of embeddedFields(runtime.meta)) {
      const changed = instances.flatMap((instance) => changedText(runtime, each, instance, only) ?? [])
      if (changed.length === 0) continue
      for (const { name } of [each.field, each.hash, each.model]) names.add(name)
      if (await embedPending(runtime, each, changed)) isDone = false
    }
  }
  return only === null ? null : names
}

/** Sets the vectors of these texts. Returns whether other code may have run in the meantime. */
async function embedPending(
  runtime: ModelRuntime,
  each: EmbeddedField,
  changed: readonly PendingEmbedding[],
): Promise<boolean> {
  const pending: PendingEmbedding[] = []
  for (const one of changed) {
    if (one.isBlank) setVector(each, one, null)
    else if (isGiven(runtime, each, one.instance))
      setVector(each, one, asRecord(one.instance)[each.field.name] as Float32Array)
    else pending.push(one)
  }
  const vectors = await embedTexts(each, pending)
  if (vectors === null || pending.length === 0) return false
  pending.forEach((one, i) => {
    // the application may have set one meanwhile
    if (!isGiven(runtime, each, one.instance)) setVector(each, one, vectors[i] as Float32Array)
  })
  return true
}

/** The text of an instance that needs a new vector, null if the vector is current. */
function changedText(
  runtime: ModelRuntime,
  each: EmbeddedField,
  instance: object,
  only: ReadonlySet<string> | null,
): PendingEmbedding | null {
  const isSaved = originOf(instance) !== null
  if (isSaved) {
    const changed = changedFields(runtime, instance, only ?? undefined)
    if (!changed.includes(each.field) && !each.from.some((field) => changed.includes(field))) return null
  }
  const source = savedText(each, instance, only)
  if (source === null) return null
  const isCurrent = known(instance, each.hash) === source.hash && known(instance, each.model) === each.settings.model
  return isCurrent && !isGiven(runtime, each, instance) ? null : { ...source, instance }
}

/** Whether the application has set the vector itself. */
function isGiven(runtime: ModelRuntime, { field }: EmbeddedField, instance: object): boolean {
  const vector = known(instance, field)
  if (typeof vector !== 'object' || vector === null || made.has(vector)) return false
  return originOf(instance) === null || changedFields(runtime, instance, new Set([field.name])).length > 0
}

/** The value of a field, undefined if it was not loaded. */
function known(instance: object, field: ModelField): unknown {
  const origin = originOf(instance)
  const isThere = origin === null || (origin.positions[field.index] ?? -1) >= 0 || Object.hasOwn(instance, field.name)
  return isThere ? asRecord(instance)[field.name] : undefined
}

function setVector(
  { field, hash, model, settings }: EmbeddedField,
  pending: PendingEmbedding,
  vector: Float32Array | null,
): void {
  const values = asRecord(pending.instance)
  if (vector !== null && known(pending.instance, field) !== vector) made.add(vector)
  values[field.name] = vector
  values[hash.name] = pending.hash
  values[model.name] = settings.model
}

/** The vectors of these texts. Null: the function failed, and the rows stay stale. */
async function embedTexts(each: EmbeddedField, pending: readonly PendingEmbedding[]): Promise<Float32Array[] | null> {
  const vectors: Float32Array[] = []
  for (let i = 0; i < pending.length; i += MOST_TEXTS) {
    const texts = pending.slice(i, i + MOST_TEXTS).map(({ text }) => text)
    const some = await embedOnce(each, texts)
    if (some === null) return null
    vectors.push(...some)
  }
  return vectors
}

/** Calls the user's function once. Null: it failed, and the settings of the field allow stale rows. */
export async function embedOnce({ field, settings }: EmbeddedField, texts: string[]): Promise<Float32Array[] | null> {
  const { length } = texts
  let returned: unknown
  try {
    returned = await settings.embed(texts)
  } catch (error) {
    if (settings.onFailure === 'error') throw error
    process.emitWarning(
      `The function "embed" of ${field} failed. The rows are stored without new vectors: staleEmbeddings() finds them, and embedAll() embeds them.`,
      { type: 'CormWarning', code: 'CORM_EMBEDDING_FAILED', detail: `Its error: ${String(error)}` },
    )
    return null
  }
  if (!isList(returned) || returned.length !== length)
    throw new UsageError(
      `The function "embed" of ${field} was given ${length === 1 ? '1 text' : `${length} texts`}, and returned ${isList(returned) ? `${returned.length} vectors` : 'no list'}. Return a list with one vector for each text.`,
    )
  return Array.from(returned, (vector) => checked(field, vector))
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
